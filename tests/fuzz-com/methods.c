/*
 * Fuzzer of both APIs: which methods there are
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

#include "fuzz.h"

#define METHOD(kind, iface, method, weight) \
    KIND_##kind, #iface "::" #method, offsetof(iface##Vtbl, method) / sizeof(void *), weight

/* A method stands with the interface that introduces it, and is called through each that inherits it. What acts is
 * called more often than what reads. */
const struct method methods[] =
{
    /* For an IID without proxies no object is asked, but the CoGetPSClsid of Wine 8.0 loses a key of the registry in
     * the service: 100 such calls of it, in a program without dosvc, leave 100 handles. */
    {METHOD(UNKNOWN, IUnknown, QueryInterface, 4), {ARG_KNOWN_IID_OBJECT}},

    {METHOD(SECURITY, IClientSecurity, QueryBlanket, 1), {ARG_PROXY_OBJECT, ARG_OUT_DATA, ARG_OUT_DATA,
            ARG_OUT_MEMORY, ARG_OUT_DATA, ARG_OUT_DATA, ARG_OUT_DATA, ARG_OUT_DATA}},
    {METHOD(SECURITY, IClientSecurity, SetBlanket, 1), {ARG_PROXY_OBJECT, ARG_SERVICE, ARG_SERVICE,
            ARG_TEXT_OR_NULL, ARG_LEVEL, ARG_LEVEL, ARG_NO_IDENTITY, ARG_SMALL}},
    /* Wine's own, which IEnumUnknown and a bare IUnknown have, writes through *copy without a look at it: in Wine 8.0
     * ProxyCliSec_CopyProxy, dlls/combase/marshal.c:1410. Ours gives E_INVALIDARG. */
    {METHOD(SECURITY, IClientSecurity, CopyProxy, 1), {ARG_PROXY_OBJECT, ARG_OUT_COPY}, KIND_UNKNOWN},

    {METHOD(MANAGER, IBackgroundCopyManager, CreateJob, 2), {ARG_TEXT, ARG_SMALL, ARG_OUT_DATA, ARG_OUT_OBJECT},
            KIND_JOB},
    {METHOD(MANAGER, IBackgroundCopyManager, GetJob, 1), {ARG_GUID, ARG_OUT_OBJECT}, KIND_JOB},
    {METHOD(MANAGER, IBackgroundCopyManager, EnumJobs, 1), {ARG_SMALL, ARG_OUT_OBJECT}, KIND_ENUM_JOBS},
    {METHOD(MANAGER, IBackgroundCopyManager, GetErrorDescription, 1), {ARG_HRESULT, ARG_LANGUAGE, ARG_OUT_MEMORY}},

    {METHOD(JOB, IBackgroundCopyJob, AddFileSet, 3), {ARG_COUNT_FILES}},
    {METHOD(JOB, IBackgroundCopyJob, AddFile, 3), {ARG_URL, ARG_PATH}},
    {METHOD(JOB, IBackgroundCopyJob, EnumFiles, 2), {ARG_OUT_OBJECT}, KIND_ENUM_FILES},
    {METHOD(JOB, IBackgroundCopyJob, Suspend, 3)},
    {METHOD(JOB, IBackgroundCopyJob, Resume, 6)},
    {METHOD(JOB, IBackgroundCopyJob, Cancel, 3)},
    {METHOD(JOB, IBackgroundCopyJob, Complete, 3)},
    {METHOD(JOB, IBackgroundCopyJob, GetId, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetType, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetProgress, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetTimes, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetState, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetError, 3), {ARG_OUT_OBJECT}, KIND_ERROR},
    {METHOD(JOB, IBackgroundCopyJob, GetOwner, 1), {ARG_OUT_MEMORY}},
    {METHOD(JOB, IBackgroundCopyJob, SetDisplayName, 1), {ARG_TEXT}},
    {METHOD(JOB, IBackgroundCopyJob, GetDisplayName, 1), {ARG_OUT_MEMORY}},
    {METHOD(JOB, IBackgroundCopyJob, SetDescription, 1), {ARG_TEXT}},
    {METHOD(JOB, IBackgroundCopyJob, GetDescription, 1), {ARG_OUT_MEMORY}},
    {METHOD(JOB, IBackgroundCopyJob, SetPriority, 2), {ARG_SMALL}},
    {METHOD(JOB, IBackgroundCopyJob, GetPriority, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, SetNotifyFlags, 2), {ARG_SMALL}},
    {METHOD(JOB, IBackgroundCopyJob, GetNotifyFlags, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, SetNotifyInterface, 3), {ARG_CALLBACK}},
    {METHOD(JOB, IBackgroundCopyJob, GetNotifyInterface, 1), {ARG_OUT_OBJECT}, KIND_UNKNOWN},
    {METHOD(JOB, IBackgroundCopyJob, SetMinimumRetryDelay, 1), {ARG_NUMBER}},
    {METHOD(JOB, IBackgroundCopyJob, GetMinimumRetryDelay, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, SetNoProgressTimeout, 1), {ARG_NUMBER}},
    {METHOD(JOB, IBackgroundCopyJob, GetNoProgressTimeout, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, GetErrorCount, 1), {ARG_OUT_DATA}},
    {METHOD(JOB, IBackgroundCopyJob, SetProxySettings, 1), {ARG_PROXY_USAGE, ARG_PROXY, ARG_PROXY}},
    {METHOD(JOB, IBackgroundCopyJob, GetProxySettings, 1), {ARG_OUT_DATA, ARG_OUT_MEMORY, ARG_OUT_MEMORY}},
    {METHOD(JOB, IBackgroundCopyJob, TakeOwnership, 1)},

    {METHOD(JOB2, IBackgroundCopyJob2, SetNotifyCmdLine, 1), {ARG_TEXT_OR_NULL, ARG_TEXT_OR_NULL}},
    {METHOD(JOB2, IBackgroundCopyJob2, GetNotifyCmdLine, 1), {ARG_OUT_MEMORY, ARG_OUT_MEMORY}},
    {METHOD(JOB2, IBackgroundCopyJob2, GetReplyProgress, 1), {ARG_OUT_DATA}},
    {METHOD(JOB2, IBackgroundCopyJob2, GetReplyData, 1), {ARG_OUT_MEMORY, ARG_OUT_DATA}},
    {METHOD(JOB2, IBackgroundCopyJob2, SetReplyFileName, 1), {ARG_TEXT_OR_NULL}},
    {METHOD(JOB2, IBackgroundCopyJob2, GetReplyFileName, 1), {ARG_OUT_MEMORY}},
    {METHOD(JOB2, IBackgroundCopyJob2, SetCredentials, 1), {ARG_CREDENTIALS}},
    {METHOD(JOB2, IBackgroundCopyJob2, RemoveCredentials, 1), {ARG_SMALL, ARG_SMALL}},

    {METHOD(JOB3, IBackgroundCopyJob3, ReplaceRemotePrefix, 2), {ARG_URL, ARG_URL}},
    {METHOD(JOB3, IBackgroundCopyJob3, AddFileWithRanges, 3), {ARG_URL, ARG_PATH, ARG_COUNT_RANGES}},
    {METHOD(JOB3, IBackgroundCopyJob3, SetFileACLFlags, 1), {ARG_SMALL}},
    {METHOD(JOB3, IBackgroundCopyJob3, GetFileACLFlags, 1), {ARG_OUT_DATA}},

    {METHOD(JOB4, IBackgroundCopyJob4, SetPeerCachingFlags, 1), {ARG_SMALL}},
    {METHOD(JOB4, IBackgroundCopyJob4, GetPeerCachingFlags, 1), {ARG_OUT_DATA}},
    {METHOD(JOB4, IBackgroundCopyJob4, GetOwnerIntegrityLevel, 1), {ARG_OUT_DATA}},
    {METHOD(JOB4, IBackgroundCopyJob4, GetOwnerElevationState, 1), {ARG_OUT_DATA}},
    {METHOD(JOB4, IBackgroundCopyJob4, SetMaximumDownloadTime, 1), {ARG_NUMBER}},
    {METHOD(JOB4, IBackgroundCopyJob4, GetMaximumDownloadTime, 1), {ARG_OUT_DATA}},

    {METHOD(JOB5, IBackgroundCopyJob5, SetProperty, 3), {ARG_SMALL, ARG_JOB_VALUE}},
    {METHOD(JOB5, IBackgroundCopyJob5, GetProperty, 1), {ARG_SMALL, ARG_OUT_DATA}},

    {METHOD(DO_JOB, IDeliveryOptimizationJob, AddFileWithRanges, 3), {ARG_TEXT, ARG_URL, ARG_PATH, ARG_MANY_RANGES,
            ARG_SIZE}},
    {METHOD(DO_JOB2, IDeliveryOptimizationJob2, AddFile, 3), {ARG_TEXT, ARG_URL, ARG_MANY_RANGES, ARG_IID_OBJECT}},
    {METHOD(DO_JOB2, IDeliveryOptimizationJob2, GetProperty, 1), {ARG_SMALL, ARG_OUT_VARIANT}},
    {METHOD(DO_JOB2, IDeliveryOptimizationJob2, SetProperty, 1), {ARG_SMALL, ARG_VARIANT}},

    {METHOD(FILE, IBackgroundCopyFile, GetRemoteName, 1), {ARG_OUT_MEMORY}},
    {METHOD(FILE, IBackgroundCopyFile, GetLocalName, 1), {ARG_OUT_MEMORY}},
    {METHOD(FILE, IBackgroundCopyFile, GetProgress, 1), {ARG_OUT_DATA}},
    {METHOD(FILE2, IBackgroundCopyFile2, GetFileRanges, 1), {ARG_OUT_DATA, ARG_OUT_MEMORY}},
    {METHOD(FILE2, IBackgroundCopyFile2, SetRemoteName, 2), {ARG_URL}},
    {METHOD(FILE3, IBackgroundCopyFile3, GetTemporaryName, 1), {ARG_OUT_MEMORY}},
    {METHOD(FILE3, IBackgroundCopyFile3, SetValidationState, 2), {ARG_SMALL}},
    {METHOD(FILE3, IBackgroundCopyFile3, GetValidationState, 1), {ARG_OUT_DATA}},
    {METHOD(FILE3, IBackgroundCopyFile3, IsDownloadedFromPeer, 1), {ARG_OUT_DATA}},
    {METHOD(FILE4, IBackgroundCopyFile4, GetPeerDownloadStats, 1), {ARG_OUT_DATA, ARG_OUT_DATA}},
    {METHOD(FILE5, IBackgroundCopyFile5, SetProperty, 1), {ARG_SMALL, ARG_TEXT_OR_NULL}},
    {METHOD(FILE5, IBackgroundCopyFile5, GetProperty, 1), {ARG_SMALL, ARG_OUT_MEMORY}},
    {METHOD(DO_FILE, IDeliveryOptimizationFile, GetStats, 1), {ARG_OUT_STATS}},
    {METHOD(DO_FILE, IDeliveryOptimizationFile, GetStatsEx, 1), {ARG_OUT_STATS}},
    {METHOD(DO_FILE2, IDeliveryOptimizationFile2, GetProperty, 1), {ARG_SMALL, ARG_OUT_VARIANT}},
    {METHOD(DO_FILE2, IDeliveryOptimizationFile2, SetProperty, 3), {ARG_FILE_PROPERTY}},

    {METHOD(ERROR, IBackgroundCopyError, GetError, 1), {ARG_OUT_DATA, ARG_OUT_DATA}},
    {METHOD(ERROR, IBackgroundCopyError, GetFile, 1), {ARG_OUT_OBJECT}, KIND_FILE},
    {METHOD(ERROR, IBackgroundCopyError, GetErrorDescription, 1), {ARG_LANGUAGE, ARG_OUT_MEMORY}},
    {METHOD(ERROR, IBackgroundCopyError, GetErrorContextDescription, 1), {ARG_LANGUAGE, ARG_OUT_MEMORY}},
    {METHOD(ERROR, IBackgroundCopyError, GetProtocol, 1), {ARG_OUT_MEMORY}},

    {METHOD(ENUM_JOBS, IEnumBackgroundCopyJobs, Next, 2), {ARG_COUNT_OBJECTS}, KIND_JOB},
    {METHOD(ENUM_JOBS, IEnumBackgroundCopyJobs, Skip, 1), {ARG_NUMBER}},
    {METHOD(ENUM_JOBS, IEnumBackgroundCopyJobs, Reset, 1)},
    {METHOD(ENUM_JOBS, IEnumBackgroundCopyJobs, Clone, 1), {ARG_OUT_OBJECT}, KIND_ENUM_JOBS},
    {METHOD(ENUM_JOBS, IEnumBackgroundCopyJobs, GetCount, 1), {ARG_OUT_DATA}},
    {METHOD(ENUM_FILES, IEnumBackgroundCopyFiles, Next, 2), {ARG_COUNT_OBJECTS}, KIND_FILE},
    {METHOD(ENUM_FILES, IEnumBackgroundCopyFiles, Skip, 1), {ARG_NUMBER}},
    {METHOD(ENUM_FILES, IEnumBackgroundCopyFiles, Reset, 1)},
    {METHOD(ENUM_FILES, IEnumBackgroundCopyFiles, Clone, 1), {ARG_OUT_OBJECT}, KIND_ENUM_FILES},
    {METHOD(ENUM_FILES, IEnumBackgroundCopyFiles, GetCount, 1), {ARG_OUT_DATA}},

    {METHOD(DO_MANAGER, IDOManager, CreateDownload, 3), {ARG_OUT_OBJECT}, KIND_DOWNLOAD},
    {METHOD(DO_MANAGER, IDOManager, EnumDownloads, 2), {ARG_CATEGORY, ARG_OUT_OBJECT}, KIND_ENUM_DOWNLOADS},
    {METHOD(DOWNLOAD, IDODownload, Start, 8), {ARG_DO_RANGES}},
    {METHOD(DOWNLOAD, IDODownload, Pause, 4)},
    {METHOD(DOWNLOAD, IDODownload, Abort, 3)},
    {METHOD(DOWNLOAD, IDODownload, Finalize, 3)},
    {METHOD(DOWNLOAD, IDODownload, GetStatus, 3), {ARG_OUT_DATA}},
    {METHOD(DOWNLOAD, IDODownload, GetProperty, 6), {ARG_SMALL, ARG_OUT_VARIANT}},
    {METHOD(DOWNLOAD, IDODownload, SetProperty, 16), {ARG_DO_PROPERTY}},
    {METHOD(ENUM_DOWNLOADS, IEnumUnknown, Next, 2), {ARG_COUNT_OBJECTS}, KIND_UNKNOWN},
    {METHOD(ENUM_DOWNLOADS, IEnumUnknown, Skip, 1), {ARG_NUMBER}},
    {METHOD(ENUM_DOWNLOADS, IEnumUnknown, Reset, 1)},
    {METHOD(ENUM_DOWNLOADS, IEnumUnknown, Clone, 1), {ARG_OUT_OBJECT}, KIND_ENUM_DOWNLOADS},
};

const unsigned int method_count = ARRAYSIZE(methods);
