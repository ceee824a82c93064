/*
 * Order in which locks are taken
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

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock_order.h"

void lock_order_init(struct lock_order *order, const void *image, size_t size)
{
    order->image = image;
    order->image_size = size;
}

void lock_order_clear(struct lock_order *order)
{
    unsigned int i, j;

    for (i = 0; i < order->class_count; i++)
    {
        for (j = 0; j < order->class_count; j++)
            free(order->before[i][j]);
    }
    memset(order, 0, sizeof(*order));
}

/* Return the number of a class, or CLASSES_MAX if there are too many. */
static unsigned int get_class(struct lock_order *order, const void *made_at)
{
    unsigned int i;

    for (i = 0; i < order->class_count; i++)
    {
        if (order->classes[i] == made_at)
            return i;
    }
    if (i < CLASSES_MAX)
        order->classes[order->class_count++] = made_at;
    return i;
}

/* Return the place of the lock in the table, or of its gap there. */
static size_t find_lock(const struct lock_order *order, const void *lock)
{
    size_t i = ((uintptr_t)lock >> 3) * 0x9e3779b1u % LOCKS_MAX;

    while (order->locks[i].lock && order->locks[i].lock != lock)
        i = (i + 1) % LOCKS_MAX;
    return i;
}

enum lock_finding lock_order_make(struct lock_order *order, const void *lock, const void *place)
{
    unsigned int class = get_class(order, place);
    size_t i = find_lock(order, lock);

    /* The table needs a gap, at which a search ends. */
    if (class == CLASSES_MAX || (!order->locks[i].lock && order->lock_count == LOCKS_MAX - 1))
        return LOCK_TOO_MANY;
    order->lock_count += !order->locks[i].lock;
    order->locks[i].lock = lock;
    order->locks[i].class = class;
    return LOCK_FINE;
}

static enum lock_finding find_class(struct lock_order *order, const void *lock, unsigned int *class)
{
    size_t i;

    if ((const char *)lock >= order->image && (size_t)((const char *)lock - order->image) < order->image_size)
    {
        *class = get_class(order, lock);
        return *class == CLASSES_MAX ? LOCK_TOO_MANY : LOCK_FINE;
    }
    i = find_lock(order, lock);
    *class = order->locks[i].lock ? order->locks[i].class : CLASSES_MAX;
    return order->locks[i].lock ? LOCK_FINE : LOCK_WITHOUT_CLASS;
}

/* Find the shortest way from a class to one that is held, along those that have been taken after each other. */
static int find_circle(struct lock_order *order, unsigned int class, const struct held_locks *held, unsigned int count)
{
    unsigned int queue[CLASSES_MAX], from[CLASSES_MAX], first = 0, last = 0, i;
    unsigned char seen[CLASSES_MAX] = { 0 };

    queue[last++] = class;
    seen[class] = 1;
    while (first < last)
    {
        class = queue[first++];
        for (i = 0; i < count && held->locks[i].class != class; i++)
            ;
        if (i < count)
        {
            for (order->circle_length = 1, i = class; i != queue[0]; i = from[i])
                order->circle_length++;
            for (i = order->circle_length; i--; class = i ? from[class] : class)
                order->circle[i] = class;
            return 1;
        }
        for (i = 0; i < order->class_count; i++)
        {
            if (!order->before[class][i] || seen[i])
                continue;
            seen[i] = 1;
            from[i] = class;
            queue[last++] = i;
        }
    }
    return 0;
}

/* Note that the last lock comes after all that are held besides. */
static enum lock_finding add_last(struct lock_order *order, const struct held_locks *held)
{
    unsigned int i, last = held->count - 1, class = held->locks[last].class;
    enum lock_finding finding = LOCK_FINE;
    struct held_locks **before;

    for (i = 0; i < last; i++)
    {
        if (held->locks[i].class == CLASSES_MAX)
            continue;
        before = &order->before[held->locks[i].class][class];
        if (*before)
            continue;
        if (!(*before = malloc(sizeof(**before))))
            return LOCK_TOO_MANY;
        **before = *held;
        finding = LOCK_FOLLOWS;
    }
    return finding;
}

enum lock_finding lock_order_take(struct lock_order *order, struct held_locks *held, const void *lock,
        const void *place)
{
    unsigned int i, class, count = held->count;
    enum lock_finding finding;

    finding = find_class(order, lock, &class);
    if (count == HELD_MAX)
        return LOCK_TOO_MANY;
    held->locks[held->count++] = (struct held_lock){ lock, class, place };
    if (finding != LOCK_FINE)
        return finding;
    for (i = 0; i < count; i++)
    {
        if (held->locks[i].class == class)
            return LOCK_TAKEN_TWICE;
    }
    if (count && find_circle(order, class, held, count))
        return LOCK_IN_CIRCLE;
    return add_last(order, held);
}

enum lock_finding lock_order_leave(struct held_locks *held, const void *lock)
{
    unsigned int i = held->count;

    while (i && held->locks[i - 1].lock != lock)
        i--;
    if (!i)
        return LOCK_NOT_HELD;
    memmove(&held->locks[i - 1], &held->locks[i], (held->count - i) * sizeof(held->locks[0]));
    held->count--;
    return LOCK_FINE;
}

struct text
{
    char *buffer;
    size_t size;
    int length;
};

static void __attribute__((format(printf, 2, 3))) append(struct text *text, const char *format, ...)
{
    va_list args;
    int ret;

    va_start(args, format);
    ret = vsnprintf(text->buffer + text->length, text->size - text->length, format, args);
    va_end(args);
    if (ret > 0)
        text->length = (size_t)ret < text->size - text->length ? text->length + ret : (int)text->size - 1;
}

static void append_class(struct text *text, const struct lock_order *order, unsigned int class)
{
    if (class == CLASSES_MAX)
        append(text, " a lock without a class");
    else
        append(text, " class+0x%lx", (unsigned long)((const char *)order->classes[class] - order->image));
}

static void append_held(struct text *text, const struct lock_order *order, const char *prefix,
        const struct held_locks *held)
{
    unsigned int i;

    append(text, "%s", prefix);
    for (i = 0; i < held->count; i++)
    {
        append_class(text, order, held->locks[i].class);
        append(text, " at place+0x%lx%s", (unsigned long)((const char *)held->locks[i].place - order->image),
                i + 1 < held->count ? "," : "\n");
    }
}

int lock_order_describe(const struct lock_order *order, enum lock_finding finding, const struct held_locks *held,
        char *buffer, size_t size)
{
    static const char * const names[] = { "fine", "follows", "a lock of a class of which one is held",
            "locks in a circle", "a lock that was never initialised", "a lock that is released and not held",
            "a lock is held during a call to a client", "too many locks" };
    struct text text = { buffer, size, 0 };
    unsigned int i;

    append(&text, "report: %s\n", names[finding]);
    append_held(&text, order, "now:", held);
    for (i = 0; finding == LOCK_IN_CIRCLE && i + 1 < order->circle_length; i++)
        append_held(&text, order, "before:", order->before[order->circle[i]][order->circle[i + 1]]);
    return text.length;
}
