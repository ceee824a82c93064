/*
 * Unit tests of the order of locks, which the service of tests/locks checks
 *
 * Copyright 2026 the dosvc authors
 *
 * This library is free software; you can redistribute it and/or
 * modify it under the terms of the GNU Lesser General Public
 * License as published by the Free Software Foundation; either
 * version 2.1 of the License, or (at your option) any later version.
 *
 * This library is distributed in the hope that it will be useful,
 * but WITHOUT ANY WARRANTY; without even the implied warranty of
 * MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
 * Lesser General Public License for more details.
 *
 * You should have received a copy of the GNU Lesser General Public
 * License along with this library; if not, write to the Free Software
 * Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
 */

#include "unit.h"

#include "lock_order.h"

static struct lock_order order;
/* What is in here is static: a class each. The places are made up. */
static char image[26];
static char heap[16], places[26];

static void begin(void)
{
    lock_order_clear(&order);
    lock_order_init(&order, image, sizeof(image));
}

/* A thread that takes locks of the image, named by letters, releases them, and returns its last finding. */
static enum lock_finding take_all(struct held_locks *held, const char *locks)
{
    enum lock_finding finding = LOCK_FINE;

    memset(held, 0, sizeof(*held));
    for (; *locks && (finding == LOCK_FINE || finding == LOCK_FOLLOWS); locks++)
        finding = lock_order_take(&order, held, &image[*locks - 'a'], &places[*locks - 'a']);
    return finding;
}

static void test_order(void)
{
    struct held_locks held;

    begin();
    ok(take_all(&held, "a") == LOCK_FINE, "a single lock is no matter of order.\n");
    ok(take_all(&held, "ab") == LOCK_FOLLOWS, "the first time is told.\n");
    ok(take_all(&held, "ab") == LOCK_FINE, "the second time is not told.\n");
    ok(take_all(&held, "b") == LOCK_FINE, "the second lock alone may be taken.\n");
    ok(take_all(&held, "abc") == LOCK_FOLLOWS, "a third lock may follow.\n");
    ok(take_all(&held, "ac") == LOCK_FINE, "a lock comes after all that were held.\n");
    ok(take_all(&held, "ba") == LOCK_IN_CIRCLE, "an inversion of two is found.\n");
    ok(order.circle_length == 2 && order.circle[0] == 0 && order.circle[1] == 1, "got a circle of %u.\n",
            order.circle_length);
    ok(take_all(&held, "ba") == LOCK_IN_CIRCLE, "it is found again: it is no part of the order.\n");
}

/* No two threads take the same two locks. */
static void test_long_circle(void)
{
    struct held_locks held;
    char text[1024];
    UINT i;

    begin();
    take_all(&held, "ab");
    take_all(&held, "xbc");
    take_all(&held, "cd");
    take_all(&held, "be");
    ok(take_all(&held, "da") == LOCK_IN_CIRCLE, "a circle of four is found.\n");
    ok(order.circle_length == 4, "got a circle of %u.\n", order.circle_length);
    for (i = 0; i < order.circle_length; i++)
        ok(order.classes[order.circle[i]] == &image[i], "got class %u at %u.\n", order.circle[i], i);
    lock_order_describe(&order, LOCK_IN_CIRCLE, &held, text, sizeof(text));
    ok(strstr(text, "now: class+0x3 at") && strstr(text, ", class+0x0 at"), "got %s.\n", text);
    ok(strstr(text, "before: class+0x0 at") && strstr(text, "before: class+0x17 at")
            && strstr(text, "before: class+0x2 at"), "got %s.\n", text);
    ok(lock_order_describe(&order, LOCK_IN_CIRCLE, &held, text, 20) == 19 && !text[19], "got %s.\n", text);
}

/* Locks of one class: two jobs, say. */
static void test_classes(void)
{
    struct held_locks held = { 0 };

    begin();
    ok(lock_order_make(&order, &heap[0], &places[0]) == LOCK_FINE, "a lock is made.\n");
    ok(lock_order_make(&order, &heap[8], &places[0]) == LOCK_FINE, "another one is made.\n");
    lock_order_take(&order, &held, &heap[0], &places[1]);
    ok(lock_order_take(&order, &held, &image[0], &places[2]) == LOCK_FOLLOWS, "a static lock follows.\n");
    lock_order_leave(&held, &heap[0]);
    ok(held.count == 1 && held.locks[0].lock == &image[0], "locks are released in any order.\n");
    ok(lock_order_take(&order, &held, &heap[8], &places[3]) == LOCK_IN_CIRCLE, "the lock counts for its class.\n");

    memset(&held, 0, sizeof(held));
    lock_order_take(&order, &held, &heap[0], &places[1]);
    ok(lock_order_take(&order, &held, &heap[0], &places[2]) == LOCK_TAKEN_TWICE, "a lock is not taken twice.\n");
    memset(&held, 0, sizeof(held));
    lock_order_take(&order, &held, &heap[0], &places[1]);
    ok(lock_order_take(&order, &held, &heap[8], &places[2]) == LOCK_TAKEN_TWICE, "nor two of a class.\n");

    /* The memory is that of another lock now. */
    memset(&held, 0, sizeof(held));
    lock_order_make(&order, &heap[8], &places[4]);
    lock_order_take(&order, &held, &heap[0], &places[1]);
    ok(lock_order_take(&order, &held, &heap[8], &places[2]) == LOCK_FOLLOWS, "the class is that of the last lock.\n");
}

static void test_misuse(void)
{
    struct held_locks held = { 0 };
    char text[1024];
    UINT i;

    begin();
    ok(lock_order_take(&order, &held, &heap[0], &places[0]) == LOCK_WITHOUT_CLASS, "the lock was never made.\n");
    ok(lock_order_take(&order, &held, &image[0], &places[0]) == LOCK_FINE, "such a lock is before nothing.\n");
    lock_order_describe(&order, LOCK_WITHOUT_CLASS, &held, text, sizeof(text));
    ok(strstr(text, "without a class") != NULL, "got %s.\n", text);
    ok(lock_order_leave(&held, &heap[0]) == LOCK_FINE, "it is held nevertheless.\n");
    ok(lock_order_leave(&held, &heap[0]) == LOCK_NOT_HELD, "it is not held any more.\n");

    begin();
    lock_order_init(&order, heap, 0);
    for (i = 0; i < CLASSES_MAX; i++)
        ok(lock_order_make(&order, &heap[8], &text[i]) == LOCK_FINE, "class %u is made.\n", i);
    ok(lock_order_make(&order, &heap[8], &text[i]) == LOCK_TOO_MANY, "there are too many classes.\n");
    for (i = 1; i < LOCKS_MAX - 1; i++)
        lock_order_make(&order, (const char *)0x1000 + 8 * i, text);
    ok(lock_order_make(&order, heap, text) == LOCK_TOO_MANY, "there are too many locks.\n");
    ok(lock_order_make(&order, &heap[8], text) == LOCK_FINE, "a known one may be made again.\n");
    memset(&held, 0, sizeof(held));
    ok(lock_order_take(&order, &held, &heap[0], &places[0]) == LOCK_WITHOUT_CLASS, "the search ends.\n");
    held.count = HELD_MAX;
    ok(lock_order_take(&order, &held, &heap[8], &places[0]) == LOCK_TOO_MANY, "too many are held.\n");
}

int main(void)
{
    test_order();
    test_long_circle();
    test_classes();
    test_misuse();
    lock_order_clear(&order);
    return report("lock_order");
}
