/*
 * The least that a program under Wine does to download small files
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

/* Fetches the files URL/0, URL/1... over kept connections, one of each thread, and gives each what dosvc promises for
 * it: a temporary file, its bytes flushed, then its name. There is no service, no call, no record and no check, so it
 * is the limit of what a service can reach. Prints how long it took, in seconds, and the steps to stderr. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winsock2.h"
#include "windef.h"
#include "winbase.h"

#define PATH_SIZE    1024
#define BUFFER_SIZE  0x10000
#define THREADS_MAX  16

enum step
{
    STEP_REQUEST,
    STEP_RECEIVE,
    STEP_CREATE,
    STEP_WRITE,
    STEP_FLUSH,
    STEP_CLOSE,
    STEP_RENAME,
    STEP_COUNT
};

static const char *const step_names[STEP_COUNT] =
{
    "request", "receive", "create", "write", "flush", "close", "rename"
};

static const WCHAR *folder;
static char host[256], path[PATH_SIZE];
static struct sockaddr_in address;
static LONG count, next_file, failures;
static LONGLONG step_times[STEP_COUNT]; /* ticks of the performance counter, of all threads */

static LONGLONG get_ticks(void)
{
    LARGE_INTEGER counter;

    QueryPerformanceCounter(&counter);
    return counter.QuadPart;
}

/* Add the time since *start to a step, and begin the next one. */
static void end_step(enum step step, LONGLONG *start)
{
    LONGLONG now = get_ticks();

    InterlockedExchangeAdd64(&step_times[step], now - *start);
    *start = now;
}

/* Send a request and receive head and body, which fit into the buffer. Return the size of the body, or -1. */
static int fetch(SOCKET connection, LONG index, char *buffer, char **body, LONGLONG *time)
{
    int size, received, used = 0, length = -1;
    char *end = NULL, *field;

    size = snprintf(buffer, BUFFER_SIZE, "GET %s/%ld HTTP/1.1\r\nHost: %s\r\n\r\n", path, index, host);
    if (send(connection, buffer, size, 0) != size)
        return -1;
    end_step(STEP_REQUEST, time);
    while (length < 0 || used < end - buffer + length)
    {
        received = recv(connection, buffer + used, BUFFER_SIZE - 1 - used, 0);
        if (received <= 0)
            return -1;
        used += received;
        buffer[used] = 0;
        if (length >= 0 || !(end = strstr(buffer, "\r\n\r\n")))
            continue;
        end += 4;
        if (strncmp(buffer, "HTTP/1.1 200 ", 13) || !(field = strstr(buffer, "\r\nContent-Length: ")) || field > end)
            return -1;
        length = atoi(field + 18);
        if (length > BUFFER_SIZE - 1 - (end - buffer))
            return -1;
    }
    end_step(STEP_RECEIVE, time);
    *body = end;
    return length;
}

static BOOL store(LONG index, const char *body, DWORD size, LONGLONG *time)
{
    WCHAR temporary[PATH_SIZE], name[PATH_SIZE];
    DWORD written;
    HANDLE file;
    BOOL ret;

    swprintf(temporary, PATH_SIZE, L"%s\\DO%ld.tmp", folder, index);
    swprintf(name, PATH_SIZE, L"%s\\%ld", folder, index);
    file = CreateFileW(temporary, GENERIC_WRITE | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    end_step(STEP_CREATE, time);
    ret = WriteFile(file, body, size, &written, NULL) && written == size;
    end_step(STEP_WRITE, time);
    ret = ret && FlushFileBuffers(file);
    end_step(STEP_FLUSH, time);
    CloseHandle(file);
    end_step(STEP_CLOSE, time);
    ret = ret && MoveFileExW(temporary, name, MOVEFILE_REPLACE_EXISTING);
    end_step(STEP_RENAME, time);
    return ret;
}

static DWORD CALLBACK thread_proc(void *param)
{
    SOCKET connection = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    char *buffer = malloc(BUFFER_SIZE), *body;
    LONGLONG time;
    LONG index;
    int size;

    if (!buffer || connection == INVALID_SOCKET || connect(connection, (struct sockaddr *)&address, sizeof(address)))
        InterlockedIncrement(&failures);
    else
        while (!failures && (index = InterlockedIncrement(&next_file) - 1) < count)
        {
            time = get_ticks();
            if ((size = fetch(connection, index, buffer, &body, &time)) < 0 || !store(index, body, size, &time))
                InterlockedIncrement(&failures);
        }
    closesocket(connection);
    free(buffer);
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: bare THREADS COUNT URL FOLDER\n\n"
            "URL is http://localhost:PORT/PATH, with the files 0, 1, 2... below it, none over 60 KiB. FOLDER gets\n"
            "them.\n");
    return 2;
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    HANDLE threads[THREADS_MAX];
    LARGE_INTEGER frequency;
    UINT thread_count, i;
    LONGLONG start;
    UINT port;
    WSADATA data;

    if (argc != 5 || !(thread_count = wcstoul(argv[1], NULL, 10)) || thread_count > THREADS_MAX
            || swscanf(argv[3], L"http://localhost:%u%1023hs", &port, path) != 2)
        return usage();
    count = wcstoul(argv[2], NULL, 10);
    folder = argv[4];
    snprintf(host, sizeof(host), "localhost:%u", port);
    WSAStartup(MAKEWORD(2, 2), &data);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    QueryPerformanceFrequency(&frequency);
    start = get_ticks();
    for (i = 0; i < thread_count; i++)
        if (!(threads[i] = CreateThread(NULL, 0, thread_proc, NULL, 0, NULL)))
            return 1;
    WaitForMultipleObjects(thread_count, threads, TRUE, INFINITE);
    if (failures)
    {
        fprintf(stderr, "bare: a file was not fetched, or not stored\n");
        return 1;
    }
    printf("%.4f\n", (double)(get_ticks() - start) / frequency.QuadPart);
    for (i = 0; i < STEP_COUNT; i++)
        fprintf(stderr, "%s %.1f us a file\n", step_names[i], step_times[i] * 1e6 / frequency.QuadPart / count);
    return 0;
}
