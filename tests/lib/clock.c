/*
 * A clock that jumps: to be preloaded
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

/* The file that DOSVC_CLOCK names holds, as text that is padded with zeros to a page, the
 * days by which the time of day is ahead. The clock that counts from the start of the
 * machine is left alone. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *days_text;

static time_t get_offset(void)
{
    return days_text ? 86400l * atol(days_text) : 0;
}

static void __attribute__((constructor)) map_days(void)
{
    const char *path = getenv("DOSVC_CLOCK");
    void *page;
    int file;

    if (!path || (file = open(path, O_RDONLY | O_CLOEXEC)) == -1)
        return;
    if ((page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0)) != MAP_FAILED)
        days_text = page;
    close(file);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);
    int ret;

    if (!next)
        next = dlsym(RTLD_NEXT, "clock_gettime");
    ret = next(id, now);
    if (!ret && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        now->tv_sec += get_offset();
    return ret;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec spec;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &spec))
        return -1;
    now->tv_sec = spec.tv_sec;
    now->tv_usec = spec.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec spec;

    clock_gettime(CLOCK_REALTIME, &spec);
    if (now)
        *now = spec.tv_sec;
    return spec.tv_sec;
}
