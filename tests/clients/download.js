/*
 * A client of the download API in JavaScript
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
 * Usage: node.exe download.js URL SERVED FOLDER
 *
 * URL is the origin, SERVED the folder of the files that it serves, FOLDER where
 * downloads go. The last line is 'download: N passed, N failed, N skipped'.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { koffi, initialize, create, set_blanket, LocalObject, Proxy, guid, hex, variant, variant_value, pointerSize,
    VT_BSTR, VT_BOOL, VT_UNKNOWN, VT_UI4 } = require('./com.js');
const { CLSID_DeliveryOptimization } = require('./interfaces.js');
const { ok, equal, limit, run } = require('./checks.js');

const [origin, served, folder] = process.argv.slice(2);

const ID = 0, URI = 1, DISPLAY_NAME = 3, LOCAL_PATH = 4, CALLBACK_FREQ_PERCENT = 8, FOREGROUND = 11, CALLBACK = 13,
    STREAM = 14, TOTAL_SIZE = 21, STATUS_CODE = 29;
const CREATED = 0, TRANSFERRED = 2, FINALIZED = 3, ABORTED = 4, PAUSED = 5;
const HTTP_E_STATUS_NOT_FOUND = 0x80190194;
const TO_EOF = 0xffffffffffffffffn;

let manager;

async function set(download, property, vt, value)
{
    const bytes = variant(vt, value);

    await download.SetProperty(property, bytes);
    if (vt === VT_BSTR)
        variant_value(bytes);
}

async function get(download, property)
{
    return variant_value(await download.bytes('GetProperty', 8 + 2 * pointerSize, property));
}

function read_status(bytes)
{
    return {
        total: bytes.readBigUInt64LE(0),
        transferred: bytes.readBigUInt64LE(8),
        state: bytes.readInt32LE(16),
        error: bytes.readUInt32LE(20),
        extended: bytes.readUInt32LE(24),
    };
}

async function status(download)
{
    return read_status(await download.bytes('GetStatus', 32));
}

/* DO_DOWNLOAD_RANGES_INFO of pairs of offset and length. */
function ranges(list)
{
    const bytes = Buffer.alloc(8 + 16 * list.length);

    bytes.writeUInt32LE(list.length);
    list.flat().forEach((value, i) => bytes.writeBigUInt64LE(value, 8 + 8 * i));
    return bytes;
}

async function prepare(name)
{
    const download = await manager.get('CreateDownload', 'IDODownload');

    set_blanket(download);
    await set(download, URI, VT_BSTR, `${origin}/${name}`);
    return download;
}

/* A callback that notes each status; 'reached' is fulfilled with the first one of
 * a state. */
function recorder(state)
{
    const statuses = [];
    let arrived;
    const reached = new Promise(resolve => arrived = resolve);
    const object = new LocalObject('IDODownloadStatusCallback', {
        OnStatusChange: (download, pointer) =>
        {
            const status = read_status(Buffer.from(koffi.decode(pointer, 'uint8_t', 32)));

            statuses.push({ ...status, download });
            if (status.state === state)
                arrived(status);
        },
    });

    return { object, statuses, reached };
}

/* A stream that only takes what is written. */
function collector()
{
    const pieces = [];
    const object = new LocalObject('IStream', {
        iids: [guid('0c733a30-2a1c-11ce-ade5-00aa0044773d')],
        Write: (data, size, written) =>
        {
            pieces.push(Buffer.from(koffi.decode(data, 'uint8_t', size)));
            if (written)
                koffi.encode(written, 'uint32_t', size);
        },
    });

    return { object, content: () => Buffer.concat(pieces) };
}

const tests = {
    async activation()
    {
        manager = await create(CLSID_DeliveryOptimization, 'IDOManager');
        set_blanket(manager);
        ok('activated, with a blanket', true);
    },

    async properties()
    {
        const download = await prepare('small');

        equal('the state at first', (await status(download)).state, CREATED);
        ok('the id is a string', /^\{?[0-9a-f-]{36}\}?$/i.test(await get(download, ID)), await get(download, ID));
        equal('a string with other letters', await (async () =>
        {
            await set(download, DISPLAY_NAME, VT_BSTR, 'Größe \u65e5\u672c');
            return get(download, DISPLAY_NAME);
        })(), 'Größe \u65e5\u672c');
        await set(download, FOREGROUND, VT_BOOL, true);
        equal('a boolean', await get(download, FOREGROUND), true);
        await set(download, CALLBACK_FREQ_PERCENT, VT_UI4, 25);
        equal('a number', await get(download, CALLBACK_FREQ_PERCENT), 25);
        const refused = await download.trySetProperty(ID, variant(VT_BOOL, true));
        ok('the id cannot be set', refused < 0, hex(refused));
        await download.Abort();
        equal('the state after Abort', (await status(download)).state, ABORTED);
        await download.Release();
    },

    async file()
    {
        const target = path.join(folder, 'file');
        const content = fs.readFileSync(path.join(served, 'large'));
        const callback = recorder(TRANSFERRED);
        const download = await prepare('large');

        await set(download, LOCAL_PATH, VT_BSTR, target);
        await set(download, CALLBACK, VT_UNKNOWN, callback.object.pointer);
        await download.Start(null);
        const done = await limit('status of the end', callback.reached);
        equal('the number of bytes in the callback', done.transferred, BigInt(content.length));
        equal('the total in the callback', done.total, BigInt(content.length));
        ok('each callback has a download', callback.statuses.every(status => status.download));
        ok('what has arrived never shrinks', callback.statuses.every((status, i, all) =>
            !i || status.transferred >= all[i - 1].transferred));
        equal('the state', (await status(download)).state, TRANSFERRED);
        equal('the HTTP status', await get(download, STATUS_CODE), 200);
        equal('the total size', await get(download, TOTAL_SIZE), BigInt(content.length));
        ok('no file before Finalize', !fs.existsSync(target));
        await download.Finalize();
        equal('the state after Finalize', (await status(download)).state, FINALIZED);
        ok('the file has its content', fs.readFileSync(target).equals(content));
        equal('failures in the callback', callback.object.failures.join(), '');
        await download.Release();
    },

    async stream()
    {
        const content = fs.readFileSync(path.join(served, 'large'));
        const callback = recorder(TRANSFERRED);
        const sink = collector();
        const download = await prepare('large');

        await set(download, STREAM, VT_UNKNOWN, sink.object.pointer);
        await set(download, CALLBACK, VT_UNKNOWN, callback.object.pointer);
        await download.Start(ranges([[5n, 1000n], [100000n, 300000n], [2000000n, TO_EOF]]));
        await limit('status of the end', callback.reached);
        ok('the stream has the ranges', sink.content().equals(Buffer.concat([content.subarray(5, 1005),
            content.subarray(100000, 400000), content.subarray(2000000)])), `${sink.content().length} bytes`);
        equal('failures in the stream', sink.object.failures.join(), '');
        await download.Finalize();
        await download.Release();
    },

    async missing()
    {
        const callback = recorder(PAUSED);
        const download = await prepare('missing');

        await set(download, LOCAL_PATH, VT_BSTR, path.join(folder, 'missing'));
        await set(download, CALLBACK, VT_UNKNOWN, callback.object.pointer);
        await download.Start(null);
        equal('the error of a missing file', hex((await limit('error', callback.reached)).error),
            hex(HTTP_E_STATUS_NOT_FOUND));
        await set(download, URI, VT_BSTR, `${origin}/small`);
        const again = recorder(TRANSFERRED);
        await set(download, CALLBACK, VT_UNKNOWN, again.object.pointer);
        await download.Start(null);
        await limit('status of the end', again.reached);
        await download.Finalize();
        ok('a better address helps', fs.readFileSync(path.join(folder, 'missing')).equals(
            fs.readFileSync(path.join(served, 'small'))));
        await download.Release();
    },

    async enumeration()
    {
        const download = await prepare('small');
        const id = await get(download, ID);
        const category = Buffer.alloc(2 * pointerSize);
        const value = Buffer.from(`${id}\0`, 'utf16le');
        const found = koffi.address(value);
        const out = [null];

        category.writeInt32LE(ID);
        if (pointerSize === 8)
            category.writeBigUInt64LE(BigInt(found), pointerSize);
        else
            category.writeUInt32LE(Number(found), pointerSize);
        const downloads = await manager.get('EnumDownloads', 'IEnumUnknown', category);
        await downloads.Next(1, out, null);
        const same = await new Proxy('IUnknown', out[0]).query('IDODownload');
        equal('the download that was found', await get(same, ID), id);
        equal('there is one', await downloads.tryNext(1, [null], null), 1);
        await download.Abort();
    },
};

initialize();
run('download', tests).then(code => process.exit(code));
