/*
 * Jobs and files as COM objects, and the methods that BITS alone has
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

#ifndef __DOSVC_BITS_JOB_H
#define __DOSVC_BITS_JOB_H

#include "com/com.h"
#include "net/request.h"

#include "bitshttpoptions.h"

struct bg_job
{
    struct com_object com_object;
    IBackgroundCopyJob5 IBackgroundCopyJob5_iface;
    IDeliveryOptimizationJob IDeliveryOptimizationJob_iface;
    IDeliveryOptimizationJob2 IDeliveryOptimizationJob2_iface;
    IBackgroundCopyJobHttpOptions3 IBackgroundCopyJobHttpOptions3_iface;
    struct job *job; /* borrowed; the model of the object */
};

static inline struct job *job_from_iface(IBackgroundCopyJob5 *iface)
{
    return CONTAINING_RECORD(iface, struct bg_job, IBackgroundCopyJob5_iface)->job;
}

/* job_property.c: setting values of a job, and methods of IBackgroundCopyJob5 */

/* Begin a setter. TRUE with the lock held exclusively, unless the job is final: BG_E_INVALID_STATE. */
extern BOOL job_begin_set(struct job *job);
/* End a setter: give up the lock, and wait until the record of the change is on disk, unless the setter's own result is
 * another one than S_OK. Returns a code of the front. */
extern HRESULT job_end_set(struct job *job, HRESULT hr);
/* Return S_OK, or the front's code for an operation that the state of the job does not allow. */
extern HRESULT job_check_not_final(struct job *job);

extern HRESULT WINAPI job_SetProperty(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id,
        BITS_JOB_PROPERTY_VALUE value);
extern HRESULT WINAPI job_GetProperty(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id,
        BITS_JOB_PROPERTY_VALUE *value);

/* bits_job.c: methods of IBackgroundCopyJob to -3 */

extern HRESULT WINAPI bits_job_SetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE usage,
        const WCHAR *list, const WCHAR *bypass);
extern HRESULT WINAPI bits_job_GetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE *usage, LPWSTR *list,
        LPWSTR *bypass);
extern HRESULT WINAPI bits_job_TakeOwnership(IBackgroundCopyJob5 *iface);
extern HRESULT WINAPI bits_job_SetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPCWSTR program, LPCWSTR parameters);
extern HRESULT WINAPI bits_job_GetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPWSTR *program, LPWSTR *parameters);
extern HRESULT WINAPI bits_job_SetCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_CREDENTIALS *credentials);
extern HRESULT WINAPI bits_job_RemoveCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_TARGET target,
        BG_AUTH_SCHEME scheme);
extern HRESULT WINAPI bits_job_ReplaceRemotePrefix(IBackgroundCopyJob5 *iface, LPCWSTR from, LPCWSTR to);

/* bits_http_options.c */

extern const IBackgroundCopyJobHttpOptions3Vtbl http_options_vtbl;

#endif /* __DOSVC_BITS_JOB_H */
