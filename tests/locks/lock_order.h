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

/* Locks that the code makes at one place are a class: all locks of jobs, say. Whoever takes a lock of class B while he
 * holds one of class A says that A comes before B. If B came before A in some other thread, be it long ago, the two
 * threads could wait for each other for ever, and so with more than two: the findings tell of a deadlock that did not
 * happen. A lock held shared counts like an exclusive one, since a writer that waits keeps out readers.
 *
 * Callers exclude each other. Places are addresses in the code. */

#ifndef LOCK_ORDER_H
#define LOCK_ORDER_H

#include <stddef.h>

#define CLASSES_MAX 64
#define HELD_MAX    16
#define LOCKS_MAX   0x10000 /* addresses that locks have had in the heap; a power of two */

enum lock_finding
{
    LOCK_FINE,
    LOCK_FOLLOWS,      /* fine, and the first time that this class was taken after the last one that is held */
    LOCK_TAKEN_TWICE,  /* one of its class is held already */
    LOCK_IN_CIRCLE,    /* its class comes before one that is held */
    LOCK_WITHOUT_CLASS, /* it was never initialised */
    LOCK_NOT_HELD,     /* released by a thread that does not hold it */
    LOCK_HELD_IN_CALL, /* for the caller: a client is called */
    LOCK_TOO_MANY,     /* the tables are full */
};

struct held_lock
{
    const void *lock;
    unsigned int class;
    const void *place; /* where it was taken */
};

/* Locks of one thread, in the order in which it has taken them; those that it had released in between are not there. */
struct held_locks
{
    unsigned int count;
    struct held_lock locks[HELD_MAX];
};

struct lock_order
{
    const char *image;   /* of the module: a lock in there is a class by itself */
    size_t image_size;
    unsigned int class_count;
    const void *classes[CLASSES_MAX];  /* where their locks are made: a place, or the address of a static lock */
    struct { const void *lock; unsigned int class; } locks[LOCKS_MAX]; /* of the heap, by a hash of the address */
    unsigned int lock_count;
    /* Owned; the first time that the second was taken after the first; NULL: never. */
    struct held_locks *before[CLASSES_MAX][CLASSES_MAX];
    /* Of the last LOCK_IN_CIRCLE: from the class that was taken to one that is held. */
    unsigned int circle[CLASSES_MAX];
    unsigned int circle_length;
};

/* Prepare an order that is all zeros. */
extern void lock_order_init(struct lock_order *order, const void *image, size_t size);
extern void lock_order_clear(struct lock_order *order);
/* Note that a lock is made at this place, perhaps where another one has been. */
extern enum lock_finding lock_order_make(struct lock_order *order, const void *lock, const void *place);
/* Note that a thread is about to take a lock. It holds the lock from then on, whatever the finding. */
extern enum lock_finding lock_order_take(struct lock_order *order, struct held_locks *held, const void *lock,
        const void *place);
extern enum lock_finding lock_order_leave(struct held_locks *held, const void *lock);
/* Write a finding about the last lock that is held as text with a zero, and return its length. Addresses are relative
 * to the image: class+0x123, place+0x123. */
extern int lock_order_describe(const struct lock_order *order, enum lock_finding finding,
        const struct held_locks *held, char *buffer, size_t size);

#endif /* LOCK_ORDER_H */
