/*
 * Doubly linked lists whose links live in the elements
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

/* Stands in for the header of this name in Wine's tree. A list is a ring that
 * passes through its head; an entry that is in no list is undefined, unless
 * list_init made it a ring of its own. */

#ifndef __WINE_SERVER_LIST_H
#define __WINE_SERVER_LIST_H

struct list
{
    struct list *next;
    struct list *prev;
};

#define LIST_INIT(list) { &(list), &(list) }
#define LIST_ENTRY(entry, type, field) ((type *)((char *)(entry) - offsetof(type, field)))

static inline void list_init(struct list *list)
{
    list->next = list->prev = list;
}

static inline void list_add_after(struct list *position, struct list *entry)
{
    entry->prev = position;
    entry->next = position->next;
    position->next->prev = entry;
    position->next = entry;
}

static inline void list_add_before(struct list *position, struct list *entry)
{
    list_add_after(position->prev, entry);
}

static inline void list_add_head(struct list *list, struct list *entry)
{
    list_add_after(list, entry);
}

static inline void list_add_tail(struct list *list, struct list *entry)
{
    list_add_after(list->prev, entry);
}

static inline void list_remove(struct list *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
}

static inline int list_empty(const struct list *list)
{
    return list->next == list;
}

static inline struct list *list_next(const struct list *list, const struct list *entry)
{
    return entry->next == list ? NULL : entry->next;
}

static inline struct list *list_prev(const struct list *list, const struct list *entry)
{
    return entry->prev == list ? NULL : entry->prev;
}

static inline struct list *list_head(const struct list *list)
{
    return list_next(list, list);
}

static inline struct list *list_tail(const struct list *list)
{
    return list_prev(list, list);
}

static inline unsigned int list_count(const struct list *list)
{
    const struct list *entry;
    unsigned int count = 0;

    for (entry = list->next; entry != list; entry = entry->next)
        count++;
    return count;
}

/* Append all elements of source to list; source is empty afterwards. */
static inline void list_move_tail(struct list *list, struct list *source)
{
    if (list_empty(source))
        return;
    source->next->prev = list->prev;
    list->prev->next = source->next;
    source->prev->next = list;
    list->prev = source->prev;
    list_init(source);
}

#define LIST_FOR_EACH(cursor, list) \
    for ((cursor) = (list)->next; (cursor) != (list); (cursor) = (cursor)->next)

#define LIST_FOR_EACH_ENTRY(element, list, type, field) \
    for ((element) = LIST_ENTRY((list)->next, type, field); &(element)->field != (list); \
         (element) = LIST_ENTRY((element)->field.next, type, field))

#define LIST_FOR_EACH_ENTRY_REV(element, list, type, field) \
    for ((element) = LIST_ENTRY((list)->prev, type, field); &(element)->field != (list); \
         (element) = LIST_ENTRY((element)->field.prev, type, field))

/* The element may be removed inside the loop. */
#define LIST_FOR_EACH_ENTRY_SAFE(element, after, list, type, field) \
    for ((element) = LIST_ENTRY((list)->next, type, field), (after) = LIST_ENTRY((element)->field.next, type, field); \
         &(element)->field != (list); \
         (element) = (after), (after) = LIST_ENTRY((element)->field.next, type, field))

#endif /* __WINE_SERVER_LIST_H */
