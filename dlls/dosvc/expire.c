/*
 * Downloads that nobody asks for any more
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

#include "download.h"

/* The setting: REG_DWORD, in seconds; for tests, and for those who want their
 * disk back sooner. */
#define SETTING_KEY   L"System\\CurrentControlSet\\Services\\DoSvc\\Parameters"
#define SETTING_VALUE L"DownloadExpirySeconds"

#define DEFAULT_SECONDS (30 * 24 * 60 * 60)
#define MAX_INTERVAL    (60 * 60 * 1000) /* milliseconds between two looks at all downloads */
#define MIN_INTERVAL    250

static ULONGLONG get_limit(void)
{
    DWORD seconds, size = sizeof(seconds);

    if (RegGetValueW(HKEY_LOCAL_MACHINE, SETTING_KEY, SETTING_VALUE, RRF_RT_REG_DWORD, NULL, &seconds, &size)
            || !seconds)
        seconds = DEFAULT_SECONDS;
    return 1000 * (ULONGLONG)seconds;
}

static void expiry_run(struct task *task)
{
    ULONGLONG limit = get_limit();
    struct download **downloads;
    UINT count, i;

    if (FAILED(download_queue_get(&downloads, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        download_expire(downloads[i], limit);
        download_release(downloads[i]);
    }
    free(downloads);
    if (count)
        task_schedule(task, GetTickCount64() + min(max(limit / 8, MIN_INTERVAL), MAX_INTERVAL));
}

static void expiry_keep(struct task *task)
{
}

static const struct task_ops expiry_ops =
{
    expiry_run,
    expiry_keep,
    expiry_keep,
};

static struct task expiry = { &expiry_ops, TASK_IDLE, { NULL }, TASK_NEVER };

void expiry_arm(void)
{
    ULONGLONG limit = get_limit();

    task_schedule(&expiry, GetTickCount64() + min(limit, MAX_INTERVAL));
}
