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

/* fuzz-com [--seed N] [--calls N] [--threads N] [--deaths N] [--verbose] --base URL --folder PATH
 *
 * Threads call every method of every interface, with values that are drawn: plain ones, those at an
 * edge, and bad ones. What a call gives is kept, and called in turn. The origin at URL has the files
 * that tests/fuzz-com/run makes; files go into PATH. Meanwhile DEATHS clients, one after another, end
 * themselves in the middle of calls. The same numbers make the same calls, as far as the answers, and
 * the turns of threads, are the same. Prints each call that took too long or gave a fault, where this
 * process crashed or what has not returned, and always a summary with the number of calls. The exit code
 * is 0 if there is nothing of that, otherwise one of those in fuzz.h. */

#define INITGUID
#include "fuzz.h"

#define MAX_THREADS 32
#define PATIENCE    2000   /* milliseconds that a blocking Start gets before downloads are aborted */
#define STUCK       60000  /* milliseconds after which it is told that a call has not returned */
#define BLOCKED     180000 /* the same for calls that wait by design, and for everything else that is no call */
#define DEATH_CALLS 100u   /* of each thread of a client that ends itself, at most */

struct options options = { .seed = 1, .calls = 1000, .threads = 4 };

static unsigned int deaths;

static DWORD WINAPI fuzz_thread(void *arg)
{
    struct fuzzer *fuzzer = arg;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while (fuzzer->calls < options.calls)
        fuzz_once(fuzzer);
    pool_clear(fuzzer);
    CoUninitialize();
    return 0;
}

/* Ends the process while its threads are calling. */
static DWORD WINAPI die_thread(void *arg)
{
    struct fuzzer fuzzer;
    unsigned int when;

    seed_fuzzer(&fuzzer, options.seed * 7919);
    /* Most connections are there by then: see EXIT_LOST. */
    when = options.calls * options.threads / 2 + draw_below(&fuzzer, options.calls * options.threads / 2);
    while (get_call_count() < when)
        Sleep(1);
    Sleep(draw_below(&fuzzer, 10));
    printf("a client ends with %u objects\n", get_client_objects());
    TerminateProcess(GetCurrentProcess(), 0);
    return 0;
}

static HANDLE start_death(unsigned int number)
{
    STARTUPINFOW startup = { sizeof(startup) };
    WCHAR path[MAX_PATH], command[4 * MAX_PATH];
    PROCESS_INFORMATION info;

    GetModuleFileNameW(NULL, path, ARRAYSIZE(path));
    swprintf(command, ARRAYSIZE(command),
            L"\"%ls\" --die --seed %u --calls %u --threads 3 --base \"%ls\" --folder \"%ls\"", path,
            (unsigned int)options.seed * 1000 + number, DEATH_CALLS, options.base, options.folder);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return NULL;
    CloseHandle(info.hThread);
    return info.hProcess;
}

/* Ends the process, which cannot go on; what it did until then is told. */
void give_up(unsigned int exit_code)
{
    report_calls();
    TerminateProcess(GetCurrentProcess(), exit_code);
}

/* Tells where a crash was: the module, for addr2line, and the call, if it was within one. */
static LONG WINAPI tell_crash(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    char path[MAX_PATH] = "no module";
    HMODULE module = NULL;

    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            record->ExceptionAddress, &module);
    GetModuleFileNameA(module, path, ARRAYSIZE(path));
    printf("crash: exception %#lx at %s+%#Ix in %s\n", record->ExceptionCode, path,
            (UINT_PTR)record->ExceptionAddress - (UINT_PTR)module, get_own_call());
    give_up(EXIT_CRASH);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* A thread that makes no call, as any call may be the one that is stuck. */
static DWORD WINAPI watch_thread(void *arg)
{
    DWORD since = GetTickCount();
    unsigned int count = 0;

    while (!has_waited(STUCK, FALSE) && !has_waited(BLOCKED, TRUE) && GetTickCount() - since < BLOCKED)
    {
        if (count != get_call_count())
        {
            count = get_call_count();
            since = GetTickCount();
        }
        Sleep(500);
    }
    tell_waiting(STUCK);
    give_up(EXIT_STUCK);
    return 0;
}

/* Has one dying client at a time. Returns whether there are more to come. */
static BOOL drive_deaths(HANDLE *child, unsigned int *started)
{
    if (*child)
    {
        if (WaitForSingleObject(*child, 0) == WAIT_TIMEOUT)
            return TRUE;
        CloseHandle(*child);
        *child = NULL;
    }
    if (*started >= deaths)
        return FALSE;
    *child = start_death((*started)++);
    return TRUE;
}

/* Until all threads have ended. Nothing but this ends what blocks. */
static void look_after(HANDLE *threads, unsigned int count, struct fuzzer *fuzzer)
{
    BOOL is_working = TRUE, is_dying = TRUE;
    DWORD start, stall, stalled = 0;
    unsigned int started = 0;
    HANDLE child = NULL;

    while (is_working || is_dying)
    {
        start = GetTickCount();
        if (is_working)
            is_working = WaitForMultipleObjects(count, threads, TRUE, 200) == WAIT_TIMEOUT;
        else
            Sleep(200);
        stall = GetTickCount() - start;
        stalled = max(stalled, stall);
        if (has_waited(PATIENCE, TRUE))
            end_some(fuzzer);
        is_dying = drive_deaths(&child, &started);
    }
    printf("%u clients ended within calls; a wait of 200 ms took %lu ms at most\n", started, stalled);
}

/* An object that is released after its process has ended costs an event in Wine (8.0): see testtool lost-handles. */
static void end_all(struct fuzzer *fuzzer)
{
    unsigned int i;

    for (i = 0; i < 40 && get_client_objects(); ++i)
    {
        end_some(fuzzer);
        Sleep(250);
    }
}

static int run(void)
{
    static struct fuzzer fuzzers[MAX_THREADS + 1];
    HANDLE threads[MAX_THREADS];
    unsigned int i;

    for (i = 0; i <= options.threads; ++i)
    {
        seed_fuzzer(&fuzzers[i], options.seed * (MAX_THREADS + 1) + i);
        watch_fuzzer(&fuzzers[i], TRUE);
    }
    for (i = 0; i < options.threads; ++i)
        if (!(threads[i] = CreateThread(NULL, 0, fuzz_thread, &fuzzers[i], 0, NULL)))
            return 2;
    if (options.is_dying)
        CloseHandle(CreateThread(NULL, 0, die_thread, NULL, 0, NULL));
    CloseHandle(CreateThread(NULL, 0, watch_thread, NULL, 0, NULL));
    look_after(threads, options.threads, &fuzzers[options.threads]);
    end_all(&fuzzers[options.threads]);
    pool_clear(&fuzzers[options.threads]);
    pool_clear_shared();
    printf("%u objects are left\n", get_client_objects());
    return report_calls();
}

/* FALSE if something is missing. */
static BOOL parse(int argc, WCHAR **argv)
{
    int i;

    for (i = 1; i < argc; ++i)
    {
        const WCHAR *value = i + 1 < argc ? argv[i + 1] : L"";

        if (!wcscmp(argv[i], L"--die"))
            options.is_dying = TRUE;
        else if (!wcscmp(argv[i], L"--verbose"))
            options.is_verbose = TRUE;
        else if (!wcscmp(argv[i], L"--seed") && ++i)
            options.seed = wcstoul(value, NULL, 10);
        else if (!wcscmp(argv[i], L"--calls") && ++i)
            options.calls = wcstoul(value, NULL, 10);
        else if (!wcscmp(argv[i], L"--threads") && ++i)
            options.threads = wcstoul(value, NULL, 10);
        else if (!wcscmp(argv[i], L"--deaths") && ++i)
            deaths = wcstoul(value, NULL, 10);
        else if (!wcscmp(argv[i], L"--base") && ++i)
            options.base = value;
        else if (!wcscmp(argv[i], L"--folder") && ++i)
            options.folder = value;
        else
            return FALSE;
    }
    return options.base && options.folder && options.threads && options.threads <= MAX_THREADS && init_values();
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    IClassFactory *factory;

    if (!parse(argc, argv))
    {
        fprintf(stderr, "fuzz-com [--seed N] [--calls N] [--threads N] [--deaths N] [--verbose] --base URL "
                "--folder PATH\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    SetUnhandledExceptionFilter(tell_crash);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* Never released. Wine (8.0) was seen to crash in CoCreateInstanceEx, at the Release of the class object
     * (dlls/combase/combase.c:1892): a thread can be given a proxy that another one is just destroying. */
    CoGetClassObject(&CLSID_DeliveryOptimization, CLSCTX_LOCAL_SERVER, NULL, &IID_IClassFactory, (void **)&factory);
    return run();
}
