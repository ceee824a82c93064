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

#define DEFAULT_SECONDS (30 * 24 * 60 * 60)
#define MAX_INTERVAL    (60 * 60 * 1000) /* milliseconds between two looks at all that can grow old */
#define MIN_INTERVAL    250

/* The settings are REG_DWORD, in seconds; for tests, and for those who want
 * their disk back sooner. */
static DWORD get_seconds(const WCHAR *setting)
{
    DWORD seconds = settings_get_number(setting, DEFAULT_SECONDS);

    return seconds ? seconds : DEFAULT_SECONDS;
}

static DWORD get_download_limit(void)
{
    return get_seconds(L"DownloadExpirySeconds");
}

static DWORD get_job_limit(void)
{
    return get_seconds(L"JobExpirySeconds");
}

static void schedule(struct task *task, ULONGLONG parts)
{
    ULONGLONG limit = 1000 * (ULONGLONG)min(get_download_limit(), get_job_limit());

    task_schedule(task, GetTickCount64() + min(max(limit / parts, MIN_INTERVAL), MAX_INTERVAL));
}

static void expiry_run(struct task *task)
{
    download_queue_expire(get_download_limit());
    queue_expire(get_job_limit());
    schedule(task, 8);
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
    schedule(&expiry, 1);
}
