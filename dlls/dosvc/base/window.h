/*
 * How many small files are fetched at once
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

/* Pure. Small files cost a round trip each, so several at once bring more: twice as many while that brings a quarter of
 * what it could, as connections of a large file do (segments.h). Where it does not, or the server fails, fewer are
 * fetched, and no more are tried for a while. */

#ifndef __DOSVC_WINDOW_H
#define __DOSVC_WINDOW_H

#include "base/types.h"

#define WINDOW_MAX 16 /* files; as many as a host has slots (scheduler.h) */

struct window
{
    UINT max;
    UINT count;            /* files that may be at work; 0: no further one is wanted */
    UINT former;           /* how many before those that are on trial; 0: none is */
    ULONGLONG former_rate; /* bytes that those brought a second */
    BOOL is_open;          /* the files have turned out to be small */
    BOOL is_settled;       /* the measurement has begun: */
    UINT files;            /* done since then, or since the count changed */
    ULONGLONG amount;      /* bytes, with what each file counts for */
    ULONGLONG start;       /* microseconds, as all times */
    ULONGLONG pause;       /* until the next trial, after one that failed */
    ULONGLONG pause_end;
};

extern void window_init(struct window *window, UINT max);
/* Want no further file. */
extern void window_close(struct window *window);
/* Note that a small file is coming. */
extern void window_note_small(struct window *window);
/* Note that a file of so many bytes is done, and how many were at work with it. */
extern void window_note_done(struct window *window, UINT at_work, ULONGLONG size, ULONGLONG now);
/* Note that a server, or the way to it, has failed. */
extern void window_note_failure(struct window *window, ULONGLONG now);

#endif /* __DOSVC_WINDOW_H */
