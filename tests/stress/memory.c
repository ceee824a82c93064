/*
 * What a process under Wine holds
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

/* memory PID: prints how many kB of its own the process has in its heaps and
 * data, in its stacks, and in the blocks of its threads.
 *
 * Wine (8.0) makes a block of 64 kB for each thread (the TEB, and a stack for
 * signals), touches 12 to 28 kB of it, and never gives it back: the next thread
 * gets it. So these grow with the largest number of threads that there has ever
 * been at once, slowly, and then no more. It touches all of a thread's stack,
 * too. Neither tells of what has been allocated; the rest does.
 *
 * A page counts that is the process' own and in memory or swapped out. What
 * /proc calls private is something else: a page of a DLL counts as that, unless
 * some other process happens to have the DLL in memory, too. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE       4096
#define BLOCK      0x10000 /* of a thread */
#define BLOCKS_MAX 8192
#define RANGES_MAX 16384

#define PAGE_PRESENT (1ull << 63)
#define PAGE_SWAPPED (1ull << 62)
#define PAGE_OF_FILE (1ull << 61) /* or shared */

/* Of 64-bit programs. */
#define TEB_HANDLERS   0x00 /* somewhere in the stack, as long as the thread lives */
#define TEB_STACK_BASE 0x08
#define TEB_SELF       0x30
#define TEB_STACK      0x1478

struct range
{
    uint64_t start, end;
};

static struct range ranges[RANGES_MAX]; /* that are written to and are of no file */
static struct range stacks[BLOCKS_MAX];
static uint64_t blocks[BLOCKS_MAX];
static unsigned int range_count, block_count, stack_count;
static int memory, pagemap;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_file(const char *pid, const char *name)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
    if ((fd = open(path, O_RDONLY)) == -1)
        fail(path);
    return fd;
}

static void read_ranges(const char *pid)
{
    FILE *file = fdopen(open_file(pid, "maps"), "r");
    char line[4096], access[5], name[2];
    struct range *range;
    unsigned long long start, end;

    while (file && range_count < RANGES_MAX && fgets(line, sizeof(line), file))
    {
        if (sscanf(line, "%llx-%llx %4s %*s %*s %*s %1s", &start, &end, access, name) < 3 || access[1] != 'w')
            continue;
        range = &ranges[range_count++];
        range->start = start;
        range->end = end;
    }
    if (!file || range_count == RANGES_MAX)
        fail("maps");
    fclose(file);
}

static uint64_t read_value(uint64_t address)
{
    uint64_t value = 0;

    return pread(memory, &value, sizeof(value), address) == sizeof(value) ? value : 0;
}

static int is_page_there(uint64_t address)
{
    uint64_t entry;

    if (pread(pagemap, &entry, sizeof(entry), address / PAGE * sizeof(entry)) != sizeof(entry))
        return 0;
    return (entry & (PAGE_PRESENT | PAGE_SWAPPED)) && !(entry & PAGE_OF_FILE);
}

/* A block stays what it is when its thread is gone. */
static void look_for_block(uint64_t address)
{
    struct range stack;
    uint64_t handlers;

    if (!is_page_there(address) || read_value(address + TEB_SELF) != address || block_count == BLOCKS_MAX)
        return;
    blocks[block_count++] = address;
    stack.start = read_value(address + TEB_STACK);
    stack.end = read_value(address + TEB_STACK_BASE);
    handlers = read_value(address + TEB_HANDLERS);
    if (handlers >= stack.start && handlers < stack.end)
        stacks[stack_count++] = stack;
}

static void find_blocks(void)
{
    uint64_t address;
    unsigned int i;

    for (i = 0; i < range_count; i++)
    {
        for (address = (ranges[i].start + BLOCK - 1) / BLOCK * BLOCK; address < ranges[i].end; address += BLOCK)
            look_for_block(address);
    }
}

static int is_in_block(uint64_t address)
{
    unsigned int i;

    for (i = 0; i < block_count; i++)
        if (address - blocks[i] < BLOCK)
            return 1;
    return 0;
}

static int is_in_stack(uint64_t address)
{
    unsigned int i;

    for (i = 0; i < stack_count; i++)
        if (address >= stacks[i].start && address < stacks[i].end)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    unsigned int in_blocks = 0, in_stacks = 0, others = 0, i;
    uint64_t address;

    if (argc != 2)
        return 2;
    memory = open_file(argv[1], "mem");
    pagemap = open_file(argv[1], "pagemap");
    read_ranges(argv[1]);
    find_blocks();
    for (i = 0; i < range_count; i++)
    {
        for (address = ranges[i].start; address < ranges[i].end; address += PAGE)
        {
            if (!is_page_there(address))
                continue;
            if (is_in_block(address))
                in_blocks++;
            else if (is_in_stack(address))
                in_stacks++;
            else
                others++;
        }
    }
    if (!stack_count || !others)
    {
        fprintf(stderr, "memory: that is no 64-bit program of Wine's\n");
        return 1;
    }
    printf("%u kB in heaps and data, %u kB in %u stacks, %u kB in %u blocks of threads\n", others * (PAGE / 1024),
            in_stacks * (PAGE / 1024), stack_count, in_blocks * (PAGE / 1024), block_count);
    return 0;
}
