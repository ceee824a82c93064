/*
 * Fuzzer of both APIs
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

#ifndef FUZZ_COM_H
#define FUZZ_COM_H

#define COBJMACROS
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>
#include <deliveryoptimization.h>
#include <deliveryoptimizationjob.h>

/* A proxy of each of these is called. */
enum kind
{
    KIND_UNKNOWN, /* any object; also the base of all others */
    KIND_SECURITY,
    KIND_MANAGER,
    KIND_JOB,
    KIND_JOB2,
    KIND_JOB3,
    KIND_JOB4,
    KIND_JOB5,
    KIND_DO_JOB,
    KIND_DO_JOB2,
    KIND_FILE,
    KIND_FILE2,
    KIND_FILE3,
    KIND_FILE4,
    KIND_FILE5,
    KIND_DO_FILE,
    KIND_DO_FILE2,
    KIND_ERROR,
    KIND_ENUM_JOBS,
    KIND_ENUM_FILES,
    KIND_DO_MANAGER,
    KIND_DOWNLOAD,
    KIND_ENUM_DOWNLOADS,
    KIND_COUNT
};

/* What an argument of a method is drawn as. Some fill two slots of the call or more. */
enum argument
{
    ARG_NONE,
    ARG_URL,
    ARG_PATH,
    ARG_TEXT,
    ARG_TEXT_OR_NULL,
    ARG_NUMBER,
    ARG_SMALL,       /* an enum, or a property, in range or not */
    ARG_PROXY_USAGE, /* all but the automatic one, which would ask the network */
    ARG_PROXY,
    ARG_LANGUAGE,
    ARG_HRESULT,
    ARG_SIZE,        /* 64 bits by value */
    ARG_GUID,
    ARG_COUNT_RANGES,
    ARG_MANY_RANGES, /* where the proxy refuses a count that is far too large, before it reads the array */
    ARG_COUNT_FILES,
    ARG_DO_RANGES,
    ARG_CREDENTIALS,
    ARG_CATEGORY,
    ARG_CALLBACK,
    ARG_JOB_VALUE,   /* BITS_JOB_PROPERTY_VALUE by value */
    ARG_PROXY_OBJECT, /* another proxy of this process */
    ARG_DO_PROPERTY, /* a property of a download, and a variant for it */
    ARG_FILE_PROPERTY, /* the same of a file */
    ARG_VARIANT,
    ARG_SERVICE,     /* of authentication */
    ARG_LEVEL,
    ARG_NO_IDENTITY,
    ARG_OUT_VARIANT,
    ARG_OUT_MEMORY,  /* to be freed with CoTaskMemFree */
    ARG_OUT_DATA,    /* plain data of less than 256 bytes */
    ARG_OUT_STATS,
    ARG_OUT_OBJECT,
    ARG_OUT_COPY,    /* never NULL */
    ARG_IID_OBJECT,  /* an IID, and where the object goes */
    ARG_KNOWN_IID_OBJECT, /* one that has proxies */
    ARG_COUNT_OBJECTS, /* Next: how many, where to, how many there were */
};

#define MAX_ARGUMENTS 8
#define MAX_SLOTS     16
#define MAX_OBJECTS   4096 /* that a Next may give; there are never as many */

struct method
{
    enum kind kind;
    const char *name;
    unsigned int index;             /* in the table of methods of the interface */
    unsigned int weight;
    enum argument arguments[MAX_ARGUMENTS];
    enum kind result;               /* what ARG_OUT_OBJECT and ARG_COUNT_OBJECTS are */
};

struct object
{
    IUnknown *unknown; /* as the interface that kind says */
    enum kind kind;
};

#define POOL_SIZE 24

struct pool
{
    struct object objects[POOL_SIZE];
};

/* A thread that fuzzes, or a callback that does. */
struct fuzzer
{
    UINT64 random;
    struct pool pool;
    unsigned int calls;
    unsigned int created; /* jobs and downloads, since some were ended */
    /* Read by the watch. */
    const char *call;     /* NULL outside of calls */
    DWORD since;          /* the tick at which it began */
};

/* Arguments of one call, and what they consist of. */
struct frame
{
    ULONG_PTR slots[MAX_SLOTS];
    unsigned int count;
    VARIANT variant, inner, out_variant;
    UINT64 size;
    GUID guid;
    BYTE data[4][256];
    unsigned int data_count;
    void *memory[4];
    unsigned int memory_count;
    IUnknown *object, *client, *borrowed;
    enum kind object_kind;
    IUnknown **objects;      /* of a Next */
    ULONG fetched;
    DOSwarmStats stats;
    BG_FILE_RANGE ranges[32];
    BYTE do_ranges[sizeof(DO_DOWNLOAD_RANGES_INFO) + 32 * sizeof(DO_DOWNLOAD_RANGE)];
    BG_FILE_INFO files[4];
    BG_AUTH_CREDENTIALS credentials;
    DO_DOWNLOAD_ENUM_CATEGORY category;
    BITS_JOB_PROPERTY_VALUE job_value;
};

struct options
{
    UINT64 seed;
    unsigned int calls;   /* of each thread */
    unsigned int threads;
    const WCHAR *base;    /* of URLs, without a slash at the end */
    const WCHAR *folder;  /* for files */
    BOOL is_dying;        /* ends itself within a call */
    BOOL is_verbose;
};

extern struct options options;

/* Exit codes. */
#define EXIT_STUCK 3
#define EXIT_CRASH 4
/* A call has failed with RPC_S_SERVER_TOO_BUSY, as will all to come that need a new connection. Wine's RPC (8.0) never
 * listens again when a client is gone between its connecting and being accepted. It is the same with servers other than
 * dosvc: a client that opens and closes \\.\pipe\svcctl 2,000 times cuts off services.exe, after 2 to 60 of them. */
#define EXIT_LOST  5

/* main.c */
extern void give_up(unsigned int exit_code);

/* values.c: xorshift64* */
extern UINT64 draw(struct fuzzer *fuzzer);
extern unsigned int draw_below(struct fuzzer *fuzzer, unsigned int limit);
extern BOOL draw_chance(struct fuzzer *fuzzer, unsigned int one_in);
extern void seed_fuzzer(struct fuzzer *fuzzer, UINT64 seed);
extern BOOL init_values(void);
extern const WCHAR *draw_url(struct fuzzer *fuzzer);
extern const WCHAR *draw_path(struct fuzzer *fuzzer);
extern const WCHAR *draw_text(struct fuzzer *fuzzer);
extern ULONG draw_number(struct fuzzer *fuzzer);
extern UINT64 draw_size(struct fuzzer *fuzzer);
extern ULONG draw_small(struct fuzzer *fuzzer);
/* The values of ARG_* in and out; all of it is released by free_frame. */
extern void add_argument(struct fuzzer *fuzzer, struct frame *frame, enum argument argument);
extern void free_frame(struct frame *frame);

/* variant.c */
extern void draw_download_property(struct fuzzer *fuzzer, struct frame *frame, ULONG property);
extern void draw_file_property(struct fuzzer *fuzzer, struct frame *frame, ULONG property);
extern void draw_any_variant(struct fuzzer *fuzzer, struct frame *frame);
/* Ends what a VARIANT in owns. */
extern void free_variant(struct frame *frame);

/* client.c: an object of the client that is a stream, and all callbacks; has one reference. */
extern IUnknown *create_client_object(struct fuzzer *fuzzer);
/* How many there are. */
extern unsigned int get_client_objects(void);

/* pool.c */
extern const GUID *const kind_iids[KIND_COUNT];
extern BOOL is_derived(enum kind kind, enum kind base);
/* The reference moves into a pool. */
extern void pool_add(struct fuzzer *fuzzer, IUnknown *unknown, enum kind kind);
/* With a reference; NULL if there is none and none can be made. */
extern IUnknown *pool_get(struct fuzzer *fuzzer, enum kind kind);
extern void pool_clear(struct fuzzer *fuzzer);
extern void pool_clear_shared(void);
/* Ends about half of the jobs and downloads that there are. */
extern void end_some(struct fuzzer *fuzzer);

/* methods.c */
extern const struct method methods[];
extern const unsigned int method_count;

/* call.c */
extern void call_begin(struct fuzzer *fuzzer, const char *name);
extern void call_end(struct fuzzer *fuzzer, HRESULT hr);
/* Of all threads, since the process began. */
extern unsigned int get_call_count(void);
/* Makes one call of a method that is drawn. */
extern void fuzz_once(struct fuzzer *fuzzer);
/* Prints the longest calls, and how many there were of each kind; returns whether one was too long, or a fault. */
extern BOOL report_calls(void);
/* Which fuzzers has_waited looks at. */
extern void watch_fuzzer(struct fuzzer *fuzzer, BOOL is_watched);
/* Is there a call that began that many milliseconds ago, of those that wait by design or of the others? */
extern BOOL has_waited(DWORD limit, BOOL is_design);
/* Prints which calls began that many milliseconds ago. */
extern void tell_waiting(DWORD limit);
/* The call that this thread is making. */
extern const char *get_own_call(void);

/* Runs name = call, and tells its duration. */
#define CALL(fuzzer, name, hr, call) \
    do \
    { \
        call_begin(fuzzer, name); \
        hr = call; \
        call_end(fuzzer, hr); \
    } while (0)

#endif /* FUZZ_COM_H */
