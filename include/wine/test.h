/*
 * Conformance test framework
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

/* Written from a description of what tests expect; inside Wine's tree Wine's
 * own header takes its place. One test is a function made by START_TEST; the
 * file that is compiled with STANDALONE defined holds main() and the rest:
 * either the only test of a program, or the generated table of all of them.
 *
 *   program               lists the tests
 *   program name [args]   runs one; the arguments are for child processes
 *
 * The exit code is the number of failures. The environment:
 *   WINETEST_PLATFORM        "wine" or "windows", instead of finding out
 *   WINETEST_DEBUG           0: no traces and skips; 1 by default
 *   WINETEST_INTERACTIVE     1: tests may ask a person
 *   WINETEST_REPORT_SUCCESS  1: name the checks that pass as well */

#ifndef __WINE_WINE_TEST_H
#define __WINE_WINE_TEST_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windef.h>
#include <winbase.h>
#include <wtypes.h>
#include "wine/debug.h"

struct test
{
    const char *name;
    void (*func)(void);
};

extern const struct test winetest_testlist[]; /* ends with a NULL name */

extern int winetest_debug;
extern int winetest_interactive;
extern const char *winetest_platform;

#define WINETEST_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

extern int winetest_get_mainargs(char ***argv);
/* Waits for at most 30 seconds; the failures of the child count as ours. */
extern void winetest_wait_child_process(HANDLE process);
extern void winetest_push_context(const char *format, ...) WINETEST_PRINTF(1, 2);
extern void winetest_pop_context(void);

extern int winetest_is_windows(void);
extern void winetest_set_location(const char *file, int line);
extern void winetest_check(int passed, const char *format, ...) WINETEST_PRINTF(2, 3);
extern void winetest_check_at(const char *file, int line, int passed, const char *format, ...) WINETEST_PRINTF(4, 5);
extern void winetest_note(const char *format, ...) WINETEST_PRINTF(1, 2);
extern void winetest_skipped(const char *format, ...) WINETEST_PRINTF(1, 2);
extern void winetest_skipped_on_windows(const char *format, ...) WINETEST_PRINTF(1, 2);
extern void winetest_begin_todo(int condition);
extern void winetest_end_todo(void);
extern void winetest_begin_flaky(int condition);
extern void winetest_end_flaky(void);
extern int winetest_next_round(void);

#ifdef STANDALONE
#define START_TEST(name) \
    static void func_##name(void); \
    const struct test winetest_testlist[] = { { #name, func_##name }, { NULL, NULL } }; \
    static void func_##name(void)
#else
#define START_TEST(name) \
    extern void func_##name(void); \
    void func_##name(void)
#endif

#define wait_child_process winetest_wait_child_process

#define ok_(file, line)       winetest_set_location(file, line), winetest_check
#define trace_(file, line)    winetest_set_location(file, line), winetest_note
#define skip_(file, line)     winetest_set_location(file, line), winetest_skipped
#define win_skip_(file, line) winetest_set_location(file, line), winetest_skipped_on_windows

/* Not by way of ok_(): the condition may call a function that checks as well. */
#define ok(...)  winetest_check_at(__FILE__, __LINE__, __VA_ARGS__)
#define trace    trace_(__FILE__, __LINE__)
#define skip     skip_(__FILE__, __LINE__)
#define win_skip win_skip_(__FILE__, __LINE__)

/* An old behaviour of Windows that is accepted there, and nowhere else. */
#define broken(condition) ((condition) && winetest_is_windows())

#define todo_if(condition) \
    for (winetest_begin_todo(condition); winetest_next_round(); winetest_end_todo())
#define todo_wine_if(condition) todo_if((condition) && !winetest_is_windows())
#define todo_wine               todo_if(!winetest_is_windows())

#define flaky_if(condition) \
    for (winetest_begin_flaky(condition); winetest_next_round(); winetest_end_flaky())
#define flaky_wine_if(condition) flaky_if((condition) && !winetest_is_windows())
#define flaky                    flaky_if(1)
#define flaky_wine               flaky_if(!winetest_is_windows())

#ifdef STANDALONE

enum winetest_counter
{
    WINETEST_EXECUTED,
    WINETEST_TODO,
    WINETEST_FLAKY,
    WINETEST_FAILED,
    WINETEST_SKIPPED,
    WINETEST_COUNTER_MAX,
};

#define WINETEST_MAX_CONTEXTS 8

struct winetest_thread
{
    const char *file;
    int line;
    unsigned int todo_bits; /* one bit for each open block, the innermost is bit 0 */
    unsigned int flaky_bits;
    int next_round;
    unsigned int context_count;
    char contexts[WINETEST_MAX_CONTEXTS][128];
};

int winetest_debug = 1;
int winetest_interactive;
const char *winetest_platform = "windows";

static LONG winetest_counters[WINETEST_COUNTER_MAX];
static const char *winetest_name = "";
static int winetest_report_success;
static int winetest_argc;
static char **winetest_argv;
static DWORD winetest_tls;

static struct winetest_thread *winetest_get_thread(void)
{
    struct winetest_thread *thread;

    if (!(thread = TlsGetValue(winetest_tls)))
    {
        if (!(thread = calloc(1, sizeof(*thread))))
            ExitProcess(255);
        thread->file = "";
        TlsSetValue(winetest_tls, thread);
    }
    return thread;
}

/* One write for each line, so that the lines of threads and of child
 * processes do not mix. */
static void winetest_write(const char *text, size_t len)
{
    DWORD written;

    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, len, &written, NULL);
}

static int winetest_append(char *text, size_t size, int len, const char *format, ...)
{
    va_list args;
    int ret;

    va_start(args, format);
    ret = _vsnprintf(text + len, size - len, format, args);
    va_end(args);
    return ret < 0 || (size_t)ret >= size - len ? (int)size - 1 : len + ret;
}

static void winetest_vprint(const char *kind, const char *format, va_list args)
{
    struct winetest_thread *thread = winetest_get_thread();
    char text[2048];
    unsigned int i;
    int len, ret;

    len = winetest_append(text, sizeof(text), 0, "%s:%d: %s", thread->file, thread->line, kind);
    for (i = 0; i < thread->context_count; ++i)
        len = winetest_append(text, sizeof(text), len, "%s: ", thread->contexts[i]);
    ret = _vsnprintf(text + len, sizeof(text) - len, format, args);
    len = ret < 0 || (size_t)ret >= sizeof(text) - len ? (int)sizeof(text) - 1 : len + ret;
    winetest_write(text, len);
}

static void winetest_print(const char *kind, const char *format, ...) WINETEST_PRINTF(2, 3);
static void winetest_print(const char *kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vprint(kind, format, args);
    va_end(args);
}

static void winetest_count(enum winetest_counter counter)
{
    InterlockedIncrement(&winetest_counters[counter]);
}

int winetest_is_windows(void)
{
    return !strcmp(winetest_platform, "windows");
}

void winetest_set_location(const char *file, int line)
{
    struct winetest_thread *thread = winetest_get_thread();
    const char *p;

    for (p = file; *p; ++p)
        if (*p == '/' || *p == '\\')
            file = p + 1;
    thread->file = file;
    thread->line = line;
}

static void winetest_fail(const char *kind, const char *format, va_list args)
{
    if (winetest_get_thread()->flaky_bits)
    {
        winetest_count(WINETEST_FLAKY);
        winetest_vprint("Test marked flaky: ", format, args);
        return;
    }
    winetest_count(WINETEST_FAILED);
    winetest_vprint(kind, format, args);
}

static void winetest_vcheck(int passed, const char *format, va_list args)
{
    struct winetest_thread *thread = winetest_get_thread();

    winetest_count(WINETEST_EXECUTED);
    if (thread->todo_bits && passed)
        winetest_fail("Test succeeded inside todo block: ", format, args);
    else if (thread->todo_bits)
    {
        winetest_count(WINETEST_TODO);
        if (winetest_debug > 0)
            winetest_vprint("Test marked todo: ", format, args);
    }
    else if (!passed)
        winetest_fail("Test failed: ", format, args);
    else if (winetest_report_success)
        winetest_print("Test succeeded\n", "%s", "");
}

void winetest_check(int passed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vcheck(passed, format, args);
    va_end(args);
}

void winetest_check_at(const char *file, int line, int passed, const char *format, ...)
{
    va_list args;

    winetest_set_location(file, line);
    va_start(args, format);
    winetest_vcheck(passed, format, args);
    va_end(args);
}

void winetest_note(const char *format, ...)
{
    va_list args;

    if (winetest_debug <= 0)
        return;
    va_start(args, format);
    winetest_vprint("", format, args);
    va_end(args);
}

static void winetest_vskipped(const char *format, va_list args)
{
    winetest_count(WINETEST_SKIPPED);
    if (winetest_debug > 0)
        winetest_vprint("Tests skipped: ", format, args);
}

void winetest_skipped(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    winetest_vskipped(format, args);
    va_end(args);
}

void winetest_skipped_on_windows(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (winetest_is_windows())
        winetest_vskipped(format, args);
    else
        winetest_vcheck(0, format, args);
    va_end(args);
}

void winetest_begin_todo(int condition)
{
    struct winetest_thread *thread = winetest_get_thread();

    thread->todo_bits = (thread->todo_bits << 1) | !!condition;
    thread->next_round = 1;
}

void winetest_end_todo(void)
{
    winetest_get_thread()->todo_bits >>= 1;
}

void winetest_begin_flaky(int condition)
{
    struct winetest_thread *thread = winetest_get_thread();

    thread->flaky_bits = (thread->flaky_bits << 1) | !!condition;
    thread->next_round = 1;
}

void winetest_end_flaky(void)
{
    winetest_get_thread()->flaky_bits >>= 1;
}

/* True once after each begin. The end of an inner block leaves it false, which
 * ends the outer block as well. */
int winetest_next_round(void)
{
    struct winetest_thread *thread = winetest_get_thread();
    int ret = thread->next_round;

    thread->next_round = 0;
    return ret;
}

void winetest_push_context(const char *format, ...)
{
    struct winetest_thread *thread = winetest_get_thread();
    char *context;
    va_list args;

    if (thread->context_count == WINETEST_MAX_CONTEXTS)
    {
        winetest_print("", "Too many contexts.\n");
        ExitProcess(255);
    }
    context = thread->contexts[thread->context_count++];
    va_start(args, format);
    _vsnprintf(context, sizeof(thread->contexts[0]) - 1, format, args);
    va_end(args);
}

void winetest_pop_context(void)
{
    struct winetest_thread *thread = winetest_get_thread();

    if (thread->context_count)
        --thread->context_count;
}

int winetest_get_mainargs(char ***argv)
{
    *argv = winetest_argv;
    return winetest_argc;
}

void winetest_wait_child_process(HANDLE process)
{
    DWORD code = 1;

    if (!process)
    {
        winetest_check(0, "No child process to wait for.\n");
        return;
    }
    if (WaitForSingleObject(process, 30000) != WAIT_OBJECT_0)
    {
        winetest_check(0, "The child process does not end.\n");
        TerminateProcess(process, 255);
        return;
    }
    GetExitCodeProcess(process, &code);
    if (code > 255)
        winetest_check(0, "The child process ended with %#lx.\n", code);
    else if (code)
    {
        winetest_print("Test failed: ", "%lu failures in the child process.\n", code);
        InterlockedExchangeAdd(&winetest_counters[WINETEST_FAILED], code);
    }
}

static int winetest_summary(void)
{
    const LONG *counters = winetest_counters;
    char text[256];
    int len;

    len = winetest_append(text, sizeof(text), 0,
            "%04lx:%s: %ld tests executed (%ld marked as todo, %ld as flaky, %ld failures), %ld skipped.\n",
            GetCurrentProcessId(), winetest_name, counters[WINETEST_EXECUTED], counters[WINETEST_TODO],
            counters[WINETEST_FLAKY], counters[WINETEST_FAILED], counters[WINETEST_SKIPPED]);
    winetest_write(text, len);
    return min(counters[WINETEST_FAILED], 255);
}

static LONG CALLBACK winetest_unhandled(EXCEPTION_POINTERS *info)
{
    winetest_count(WINETEST_FAILED);
    winetest_print("Test failed: ", "unhandled exception %08lx at %p, after this line.\n",
            info->ExceptionRecord->ExceptionCode, info->ExceptionRecord->ExceptionAddress);
    TerminateProcess(GetCurrentProcess(), winetest_summary());
    return EXCEPTION_EXECUTE_HANDLER;
}

static int winetest_getenv_int(const char *name, int value)
{
    char text[16];
    DWORD len;

    if (!(len = GetEnvironmentVariableA(name, text, sizeof(text))) || len >= sizeof(text))
        return value;
    return atoi(text);
}

static void winetest_init(void)
{
    static char platform[16];
    DWORD len;

    winetest_tls = TlsAlloc();
    if (GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version"))
        winetest_platform = "wine";
    len = GetEnvironmentVariableA("WINETEST_PLATFORM", platform, sizeof(platform));
    if (len && len < sizeof(platform))
        winetest_platform = platform;
    winetest_debug = winetest_getenv_int("WINETEST_DEBUG", 1);
    winetest_interactive = winetest_getenv_int("WINETEST_INTERACTIVE", 0);
    winetest_report_success = winetest_getenv_int("WINETEST_REPORT_SUCCESS", 0);
}

static int winetest_list(void)
{
    const struct test *test;

    winetest_write("Tests:\n", 7);
    for (test = winetest_testlist; test->name; ++test)
    {
        winetest_write("    ", 4);
        winetest_write(test->name, strlen(test->name));
        winetest_write("\n", 1);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct test *test;

    winetest_init();
    winetest_argc = argc;
    winetest_argv = argv;
    if (argc < 2)
        return winetest_list();
    for (test = winetest_testlist; test->name; ++test)
    {
        if (strcmp(test->name, argv[1]))
            continue;
        winetest_name = test->name;
        winetest_set_location(__FILE__, __LINE__);
        SetUnhandledExceptionFilter(winetest_unhandled);
        test->func();
        return winetest_summary();
    }
    winetest_list();
    return 1;
}

#endif /* STANDALONE */

#endif /* __WINE_WINE_TEST_H */
