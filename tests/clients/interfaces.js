/*
 * The interfaces of both generations, in the order of their virtual tables
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
'use strict';

const { koffi, declare } = require('./com.js');

const out = koffi.out('void **');

declare('IEnumUnknown', 'IUnknown', '00000100-0000-0000-c000-000000000046', {
    Next: ['uint32_t', out, 'void *'],
    Skip: ['uint32_t'],
    Reset: [],
    Clone: [out],
});

declare('ISequentialStream', 'IUnknown', '0c733a30-2a1c-11ce-ade5-00aa0044773d', {
    Read: ['void *', 'uint32_t', 'void *'],
    Write: ['void *', 'uint32_t', 'void *'],
});

declare('IStream', 'ISequentialStream', '0000000c-0000-0000-c000-000000000046', {
    Seek: ['int64_t', 'uint32_t', 'void *'],
    SetSize: ['uint64_t'],
    CopyTo: ['void *', 'uint64_t', 'void *', 'void *'],
    Commit: ['uint32_t'],
    Revert: [],
    LockRegion: ['uint64_t', 'uint64_t', 'uint32_t'],
    UnlockRegion: ['uint64_t', 'uint64_t', 'uint32_t'],
    Stat: ['void *', 'uint32_t'],
    Clone: [out],
});

declare('IDOManager', 'IUnknown', '400e2d4a-1431-4c1a-a748-39ca472cfdb1', {
    CreateDownload: [out],
    EnumDownloads: ['void *', out],
});

declare('IDODownload', 'IUnknown', 'fbbd7fc0-c147-4727-a38d-827ef071ee77', {
    Start: ['void *'],
    Pause: [],
    Abort: [],
    Finalize: [],
    GetStatus: ['void *'],
    GetProperty: ['int32_t', 'void *'],
    SetProperty: ['int32_t', 'void *'],
});

declare('IDODownloadStatusCallback', 'IUnknown', 'd166e8e3-a90e-4392-8e87-05e996d3747d', {
    OnStatusChange: ['void *', 'void *'],
});

declare('IBackgroundCopyManager', 'IUnknown', '5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c', {
    CreateJob: ['str16', 'int32_t', 'void *', out],
    GetJob: ['void *', out],
    EnumJobs: ['uint32_t', out],
    GetErrorDescription: ['int32_t', 'uint32_t', out],
});

declare('IBackgroundCopyJob', 'IUnknown', '37668d37-507e-4160-9316-26306d150b12', {
    AddFileSet: ['uint32_t', 'void *'],
    AddFile: ['str16', 'str16'],
    EnumFiles: [out],
    Suspend: [],
    Resume: [],
    Cancel: [],
    Complete: [],
    GetId: ['void *'],
    GetType: ['void *'],
    GetProgress: ['void *'],
    GetTimes: ['void *'],
    GetState: ['void *'],
    GetError: [out],
    GetOwner: [out],
    SetDisplayName: ['str16'],
    GetDisplayName: [out],
    SetDescription: ['str16'],
    GetDescription: [out],
    SetPriority: ['int32_t'],
    GetPriority: ['void *'],
    SetNotifyFlags: ['uint32_t'],
    GetNotifyFlags: ['void *'],
    SetNotifyInterface: ['void *'],
    GetNotifyInterface: [out],
    SetMinimumRetryDelay: ['uint32_t'],
    GetMinimumRetryDelay: ['void *'],
    SetNoProgressTimeout: ['uint32_t'],
    GetNoProgressTimeout: ['void *'],
    GetErrorCount: ['void *'],
    SetProxySettings: ['int32_t', 'str16', 'str16'],
    GetProxySettings: ['void *', out, out],
    TakeOwnership: [],
});

declare('IEnumBackgroundCopyFiles', 'IUnknown', 'ca51e165-c365-424c-8d41-24aaa4ff3c40', {
    Next: ['uint32_t', out, 'void *'],
    Skip: ['uint32_t'],
    Reset: [],
    Clone: [out],
    GetCount: ['void *'],
});

declare('IBackgroundCopyFile', 'IUnknown', '01b7bd23-fb88-4a77-8490-5891d3e4653a', {
    GetRemoteName: [out],
    GetLocalName: [out],
    GetProgress: ['void *'],
});

declare('IBackgroundCopyError', 'IUnknown', '19c613a0-fcb8-4f28-81ae-897c3d078f81', {
    GetError: ['void *', 'void *'],
    GetFile: [out],
    GetErrorDescription: ['uint32_t', out],
    GetErrorContextDescription: ['uint32_t', out],
    GetProtocol: [out],
});

declare('IBackgroundCopyCallback', 'IUnknown', '97ea99c7-0186-4ad4-8df9-c5b4e0ed6b22', {
    JobTransferred: ['void *'],
    JobError: ['void *', 'void *'],
    JobModification: ['void *', 'uint32_t'],
});

module.exports = { CLSID_DeliveryOptimization: '5b99fa76-721c-423c-adac-56d03c8a8007' };
