/*
 * What an origin gives slowly to each connection
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

#ifndef __DOSVC_TESTS_SLOW_H
#define __DOSVC_TESTS_SLOW_H

#define MIB         (1024 * 1024)
#define LARGE_SIZE  (32 * MIB + 12345)
#define MEDIUM_SIZE (16 * MIB)
#define SMALL_SIZE  (4 * MIB)

static inline struct resource *add_slow(struct origin *origin, const char *path, UINT64 size)
{
    struct resource *resource = origin_add_resource(origin, path, size);

    resource->tick_ms = 8;
    resource->tick_bytes = ORIGIN_BLOCK_SIZE;
    return resource;
}

/* Bytes that a request asks for, and from where on; 0: all of them. */
static inline UINT64 get_part(const struct origin_request *request, UINT64 *start)
{
    char *p;

    *start = 0;
    if (!*request->range)
        return 0;
    *start = _strtoui64(request->range + strlen("bytes="), &p, 10);
    return _strtoui64(p + 1, NULL, 10) + 1 - *start;
}

/* How many requests have been for the whole resource. */
static inline unsigned int count_whole(struct resource *resource)
{
    unsigned int i, count = origin_get_requests(resource, NULL), whole = 0;
    struct origin_request request;

    for (i = 0; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        whole += !*request.range;
    }
    return whole;
}

/* A large resource gives one connection only: what it is. */
struct single
{
    const char *path;
    UINT64 size;
    unsigned int flags;
    const char *etag;
};

static const struct single singles[] =
{
    { "/small", SMALL_SIZE, 0, "\"v1\"" },
    { "/rangeless", MEDIUM_SIZE, RESOURCE_IGNORES_RANGES, "\"v1\"" },
    { "/weak", MEDIUM_SIZE, 0, "W/\"v1\"" },
    { "/dated", MEDIUM_SIZE, 0, NULL },
    { "/chunked", MEDIUM_SIZE, RESOURCE_IS_CHUNKED, "\"v1\"" },
};

/* Answers to a further connection. The answer to the first request is given already. */
struct spoiler
{
    const char *path;
    void (*spoil)(struct resource *resource);
    unsigned int most, most_pieces; /* requests that a file may take, and a stream */
};

static inline void spoil_status(struct resource *resource)
{
    resource->range_status = 503;
}

static inline void spoil_whole(struct resource *resource)
{
    resource->flags |= RESOURCE_IGNORES_RANGES;
}

static inline void spoil_part(struct resource *resource)
{
    resource->content_range = "bytes 0-99/33566777";
}

static inline void spoil_etag(struct resource *resource)
{
    resource->etag = NULL;
}

static inline void spoil_reset(struct resource *resource)
{
    resource->flags |= RESOURCE_CUTS_BY_RESET;
    resource->cut_after = 0;
    resource->cut_count = 1;
}

static inline void spoil_middle(struct resource *resource)
{
    resource->flags |= RESOURCE_CUTS_BY_RESET;
    resource->cut_after = MIB;
    resource->cut_count = 2;
}

static inline void spoil_silent(struct resource *resource)
{
    resource->flags |= RESOURCE_IS_SILENT;
}

static const struct spoiler spoilers[] =
{
    /* Further connections are given up at once. */
    { "/503", spoil_status, 4, 4 },
    { "/200", spoil_whole, 4, 4 },
    { "/wrong", spoil_part, 4, 4 },
    { "/unnamed", spoil_etag, 4, 4 },
    /* Further connections may be of use. */
    { "/reset", spoil_reset, 12, 40 },
    { "/middle", spoil_middle, 12, 40 },
    /* A file waits for them; a stream goes on without them. */
    { "/silent", spoil_silent, 4, 40 },
};

#endif /* __DOSVC_TESTS_SLOW_H */
