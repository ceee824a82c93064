/*
 * Tests of what cache hosts have brought
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
#include "base/cache_share.h"

static BOOL is_out_of_memory;

extern void *test_realloc(void *memory, size_t size);

void *test_realloc(void *memory, size_t size)
{
    return is_out_of_memory ? NULL : realloc(memory, size);
}

#define SIZE   64
#define HOSTS  3
#define ROUNDS 2000

static const char names[HOSTS][4] = { "", "a:1", "b" };

/* Return the index of the host in names. */
static UINT find_name(const struct cache_share *share)
{
    return share->host[0] == 'a' ? 1 : 2;
}

static void check(const struct cache_shares *shares, const unsigned char *model)
{
    const struct cache_share *share;
    UINT offset, bytes = 0, index;

    for (offset = 0; offset < SIZE; offset++)
    {
        index = 0;
        share = cache_shares_next(shares, offset, 1, &index);
        ok((share ? find_name(share) : 0) == model[offset], "Byte %u.\n", offset);
        ok(!share || !cache_shares_next(shares, offset, 1, &index), "Byte %u is there twice.\n", offset);
        bytes += model[offset] != 0;
    }
    ok(cache_shares_bytes(shares) == bytes, "Got %u bytes.\n", (UINT)cache_shares_bytes(shares));
}

/* MCC-016: whoever brought a byte last has brought it. */
static void test_random(void)
{
    unsigned char model[SIZE] = {0};
    struct cache_shares shares = {0}, copy = {0};
    WCHAR host[8], origin[8];
    UINT64 state = 1;
    UINT i, offset, length, who;

    widen("o", origin, ARRAY_SIZE(origin));
    for (i = 0; i < ROUNDS; i++)
    {
        offset = next_random(&state) % SIZE;
        length = next_random(&state) % (SIZE - offset + 1);
        who = next_random(&state) % HOSTS;
        widen(names[who], host, ARRAY_SIZE(host));
        ok(cache_shares_set(&shares, host, origin, offset, length), "Out of memory.\n");
        memset(model + offset, who, length);
        check(&shares, model);
    }
    ok(shares.count == HOSTS - 1, "Got %u shares.\n", shares.count);
    ok(cache_shares_copy(&shares, &copy), "Out of memory.\n");
    cache_shares_clear(&shares);
    check(&copy, model);
    ok(cache_shares_set(&copy, NULL, NULL, 0, SIZE) && !cache_shares_bytes(&copy), "Something is left.\n");
    cache_shares_clear(&copy);
}

/* The same host has a share for each origin. */
static void test_origins(void)
{
    struct cache_shares shares = {0};
    const struct cache_share *share;
    WCHAR host[8], origin[8];
    UINT index = 0;

    widen("a:1", host, ARRAY_SIZE(host));
    widen("o", origin, ARRAY_SIZE(origin));
    cache_shares_set(&shares, host, origin, 0, 10);
    widen("p", origin, ARRAY_SIZE(origin));
    cache_shares_set(&shares, host, origin, 5, 10);
    share = cache_shares_next(&shares, 0, 20, &index);
    ok(share && share->origin[0] == 'o' && range_set_bytes(&share->ranges) == 5, "The first is wrong.\n");
    share = cache_shares_next(&shares, 0, 20, &index);
    ok(share && share->origin[0] == 'p' && range_set_bytes(&share->ranges) == 10, "The second is wrong.\n");
    ok(!cache_shares_next(&shares, 0, 20, &index), "There is a third.\n");
    cache_shares_clear(&shares);
}

static void test_no_memory(void)
{
    struct cache_shares shares = {0};
    WCHAR host[8], origin[8];

    widen("a:1", host, ARRAY_SIZE(host));
    widen("o", origin, ARRAY_SIZE(origin));
    is_out_of_memory = TRUE;
    ok(!cache_shares_set(&shares, host, origin, 0, 10), "There is memory.\n");
    ok(!cache_shares_bytes(&shares), "There are bytes.\n");
    is_out_of_memory = FALSE;
    ok(cache_shares_set(&shares, host, origin, 0, 10), "Out of memory.\n");
    cache_shares_clear(&shares);
}

int main(void)
{
    test_random();
    test_origins();
    test_no_memory();
    return report("cache_share");
}
