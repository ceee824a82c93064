/*
 * The system that the service runs on: Wine or not, its user, its threads
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

#include <stdlib.h>
#include <wchar.h>

#include "base.h"
#include "wineheaders.h"

#include "sddl.h"

BOOL is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

HRESULT get_user_sid(WCHAR **sid)
{
    char buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(buffer);
    HRESULT hr = S_OK;
    WCHAR *string;
    HANDLE token;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return HRESULT_FROM_WIN32(GetLastError());
    if (!GetTokenInformation(token, TokenUser, buffer, size, &size)
            || !ConvertSidToStringSidW(((TOKEN_USER *)buffer)->User.Sid, &string))
        hr = HRESULT_FROM_WIN32(GetLastError());
    else
    {
        if (!(*sid = wcsdup(string)))
            hr = E_OUTOFMEMORY;
        LocalFree(string);
    }
    CloseHandle(token);
    return hr;
}

WCHAR *join_text(const WCHAR *text, UINT length, const WCHAR *end)
{
    UINT size = length + wcslen(end) + 1;
    WCHAR *ret;

    if ((ret = calloc(size, sizeof(*ret))))
    {
        memcpy(ret, text, length * sizeof(*ret));
        wcscpy_s(ret + length, size - length, end);
    }
    return ret;
}

struct batch
{
    void (*proc)(void *context, UINT index);
    void *context;
    UINT count;
    LONG next; /* interlocked */
};

static void run_batch(struct batch *batch)
{
    UINT i;

    while ((i = InterlockedIncrement(&batch->next) - 1) < batch->count)
        batch->proc(batch->context, i);
}

static void CALLBACK batch_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    CallbackMayRunLong(instance);
    run_batch(context);
}

void run_parallel(UINT count, UINT threads, void (*proc)(void *context, UINT index), void *context)
{
    struct batch batch = { proc, context, count, 0 };
    TP_WORK *work = NULL;
    UINT i;

    threads = min(count, threads);
    if (threads > 1)
        work = CreateThreadpoolWork(batch_proc, &batch, NULL);
    for (i = 1; work && i < threads; i++)
        SubmitThreadpoolWork(work);
    run_batch(&batch);
    if (work)
    {
        WaitForThreadpoolWorkCallbacks(work, TRUE);
        CloseThreadpoolWork(work);
    }
}
