/*
 * A client of the job API in JavaScript
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
 *
 * Usage: node.exe job.js URL SERVED FOLDER
 *
 * URL is the origin, SERVED the folder of the files that it serves, FOLDER where
 * downloads go. The last line is 'job: N passed, N failed, N skipped'.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { initialize, create, set_blanket, LocalObject, Proxy, hex } = require('./com.js');
const { CLSID_DeliveryOptimization } = require('./interfaces.js');
const { ok, equal, limit, run } = require('./checks.js');

const [origin, served, folder] = process.argv.slice(2);

const BG_JOB_TYPE_DOWNLOAD = 0;
const BG_JOB_STATE_SUSPENDED = 3, BG_JOB_STATE_TRANSFERRED = 6, BG_JOB_STATE_ACKNOWLEDGED = 7,
    BG_JOB_STATE_CANCELLED = 8;
const BG_NOTIFY_JOB_TRANSFERRED = 1, BG_NOTIFY_JOB_ERROR = 2;
const BG_ERROR_CONTEXT_NONE = 0;
const BG_E_NOT_FOUND = 0x80190194;
const LANGUAGE = 0x409;

let manager;

async function prepare(name)
{
    const id = Buffer.alloc(16);
    const job = await manager.get('CreateJob', 'IBackgroundCopyJob', name, BG_JOB_TYPE_DOWNLOAD, id);

    set_blanket(job);
    return { job, id };
}

/* A callback whose two promises are fulfilled by the two notifications. */
function listener()
{
    let transferred, failed;
    const waiting = {
        transferred: new Promise(resolve => transferred = resolve),
        failed: new Promise(resolve => failed = resolve),
    };
    const object = new LocalObject('IBackgroundCopyCallback', {
        JobTransferred: job => transferred(Boolean(job)),
        JobError: (job, error) => failed(Boolean(job && error)),
        JobModification: () => undefined,
    });

    return { object, ...waiting };
}

function read_progress(bytes)
{
    return {
        total: bytes.readBigUInt64LE(0),
        transferred: bytes.readBigUInt64LE(8),
        files: bytes.readUInt32LE(16),
        files_transferred: bytes.readUInt32LE(20),
    };
}

const tests = {
    async activation()
    {
        manager = await create(CLSID_DeliveryOptimization, 'IBackgroundCopyManager');
        set_blanket(manager);
        ok('activated, with a blanket', true);
    },

    async strings()
    {
        const { job, id } = await prepare('Größe \u65e5\u672c');

        equal('the name', await job.text('GetDisplayName'), 'Größe \u65e5\u672c');
        await job.SetDescription('a description');
        equal('the description', await job.text('GetDescription'), 'a description');
        ok('the owner is a SID', /^S-1-/.test(await job.text('GetOwner')));
        equal('the state at first', await job.number('GetState'), BG_JOB_STATE_SUSPENDED);
        const same = await manager.get('GetJob', 'IBackgroundCopyJob', id);
        ok('the job is found by its id', (await same.bytes('GetId', 16)).equals(id));
        await job.Cancel();
        equal('the state after Cancel', await job.number('GetState'), BG_JOB_STATE_CANCELLED);
        await same.Release();
        await job.Release();
    },

    async files()
    {
        const names = ['large', 'small'];
        const callback = listener();
        const { job } = await prepare('two files');
        const target = name => path.join(folder, `job-${name}`);

        for (const name of names)
            await job.AddFile(`${origin}/${name}`, target(name));
        const files = await job.get('EnumFiles', 'IEnumBackgroundCopyFiles');
        equal('the number of files', await files.number('GetCount'), names.length);
        for (const name of names)
        {
            const out = [null];

            await files.Next(1, out, null);
            const file = new Proxy('IBackgroundCopyFile', out[0]);
            equal('the remote name', await file.text('GetRemoteName'), `${origin}/${name}`);
            equal('the local name', (await file.text('GetLocalName')).toLowerCase(), target(name).toLowerCase());
            await file.Release();
        }
        equal('there are no more', await files.tryNext(1, [null], null), 1);
        await files.Release();

        await job.SetNotifyInterface(callback.object.pointer);
        await job.SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
        await job.Resume();
        equal('JobTransferred has a job', await limit('JobTransferred', callback.transferred), true);
        equal('the state', await job.number('GetState'), BG_JOB_STATE_TRANSFERRED);
        const size = names.reduce((sum, name) => sum + fs.statSync(path.join(served, name)).size, 0);
        const progress = read_progress(await job.bytes('GetProgress', 24));
        equal('the number of bytes', progress.transferred, BigInt(size));
        equal('the total', progress.total, BigInt(size));
        equal('the files that are done', progress.files_transferred, names.length);
        await job.Complete();
        equal('the state after Complete', await job.number('GetState'), BG_JOB_STATE_ACKNOWLEDGED);
        for (const name of names)
            ok(`the content of ${name}`, fs.readFileSync(target(name)).equals(
                fs.readFileSync(path.join(served, name))));
        equal('failures in the callback', callback.object.failures.join(), '');
        await job.Release();
    },

    async missing()
    {
        const callback = listener();
        const { job } = await prepare('missing');
        const context = Buffer.alloc(4), code = Buffer.alloc(4);

        await job.AddFile(`${origin}/missing`, path.join(folder, 'job-missing'));
        await job.SetNotifyInterface(callback.object.pointer);
        await job.SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
        await job.Resume();
        equal('JobError has a job and an error', await limit('JobError', callback.failed), true);
        const error = await job.get('GetError', 'IBackgroundCopyError');
        await error.GetError(context, code);
        equal('the context of the error', context.readUInt32LE(), BG_ERROR_CONTEXT_NONE);
        equal('the error of a missing file', hex(code.readUInt32LE()), hex(BG_E_NOT_FOUND));
        ok('the error has a description', (await error.text('GetErrorDescription', LANGUAGE)).length > 0);
        await error.Release();
        await job.Cancel();
        await job.Release();
    },
};

initialize();
run('job', tests).then(code => process.exit(code));
