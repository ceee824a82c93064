/*
 * COM for JavaScript, by virtual tables and nothing else
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

const koffi = require('koffi');

const ole32 = koffi.load('ole32.dll');
const oleaut32 = koffi.load('oleaut32.dll');

const pointerSize = koffi.sizeof('void *');

const S_OK = 0;
const E_NOINTERFACE = 0x80004002 | 0;
const VT_EMPTY = 0, VT_BSTR = 8, VT_BOOL = 11, VT_UNKNOWN = 13, VT_UI4 = 19, VT_UI8 = 21;

const CoInitializeEx = ole32.func('int32_t __stdcall CoInitializeEx(void *, uint32_t)');
const CoUninitialize = ole32.func('void __stdcall CoUninitialize()');
const CoCreateInstance = ole32.func('int32_t __stdcall CoCreateInstance(void *, void *, uint32_t, void *, ' +
        '_Out_ void **)');
const CoSetProxyBlanket = ole32.func('int32_t __stdcall CoSetProxyBlanket(void *, uint32_t, uint32_t, void *, ' +
        'uint32_t, uint32_t, void *, uint32_t)');
const CoTaskMemFree = ole32.func('void __stdcall CoTaskMemFree(void *)');
const SysAllocString = oleaut32.func('void * __stdcall SysAllocString(str16)');
const VariantClear = oleaut32.func('int32_t __stdcall VariantClear(void *)');

/* Wine's rpcrt4 reads a word behind the last argument when it looks for the place of
 * the result. koffi's stacks may end just there, so 64-bit calls, whose caller
 * cleans up, pass one more. */
const spare = pointerSize === 8 ? ['void *'] : [];

/* The parameters of each method, after the object itself. */
const interfaces = new Map();

function declare(name, base, iid, methods)
{
    const inherited = base ? interfaces.get(base).methods : [];
    const table = inherited.concat(Object.entries(methods).map(([method, parameters]) => ({ method, parameters })));

    interfaces.set(name, { name, iid: guid(iid), methods: table.map((entry, slot) => ({
        ...entry,
        slot,
        type: koffi.proto('__stdcall', `${name}_${entry.method}`, 'int32_t', ['void *', ...entry.parameters]),
        remote: koffi.proto('__stdcall', `${name}_${entry.method}_remote`, 'int32_t',
                ['void *', ...entry.parameters, ...spare]),
    })) });
}

function guid(text)
{
    const hex = text.replace(/-/g, '');
    const bytes = Buffer.from(hex, 'hex');

    bytes.subarray(0, 4).reverse();
    bytes.subarray(4, 6).reverse();
    bytes.subarray(6, 8).reverse();
    return bytes;
}

class ComError extends Error
{
    constructor(what, hr)
    {
        super(`${what}: ${hex(hr)}`);
        this.hr = hr;
    }
}

function hex(hr)
{
    return '0x' + (hr >>> 0).toString(16);
}

function check(what, hr)
{
    if (hr < 0)
        throw new ComError(what, hr);
    return hr;
}

/* A pointer to somebody else's object. Every method is called on a thread of the
 * pool, which belongs to the multithreaded apartment: the one that runs
 * JavaScript must be free meanwhile, since the service may call back. */
class Proxy
{
    constructor(name, pointer)
    {
        const description = interfaces.get(name);
        const vtable = koffi.decode(pointer, 'void *');

        this.pointer = pointer;
        for (const { method, slot, remote } of description.methods)
        {
            const call = koffi.decode(koffi.decode(vtable, slot * pointerSize, 'void *'), remote);

            /* The result as it is, or with a failure as an exception. */
            this[`try${method}`] = (...args) => new Promise((resolve, reject) =>
                call.async(pointer, ...args, ...spare.map(() => null),
                    (error, hr) => error ? reject(error) : resolve(hr)));
            this[method] = async (...args) => check(`${name}.${method}`, await this[`try${method}`](...args));
        }
    }

    async query(name)
    {
        const out = [null];

        await this.QueryInterface(interfaces.get(name).iid, out);
        return new Proxy(name, out[0]);
    }

    /* A method whose only result is an interface. */
    async get(method, name, ...args)
    {
        const out = [null];

        await this[method](...args, out);
        return new Proxy(name, out[0]);
    }

    /* A method whose only result is a string, which is the caller's to free. */
    async text(method, ...args)
    {
        const out = [null];

        await this[method](...args, out);
        const text = koffi.decode.string16(out[0]);
        CoTaskMemFree(out[0]);
        return text;
    }

    /* A method that fills in a structure or a number. */
    async bytes(method, size, ...args)
    {
        const buffer = Buffer.alloc(size, 0xcc);

        await this[method](...args, buffer);
        return buffer;
    }

    async number(method, ...args)
    {
        return (await this.bytes(method, 4, ...args)).readUInt32LE();
    }
}

/* An object of ours. Methods that are not given fail with E_NOTIMPL; a handler
 * gets the parameters as they are and returns nothing for S_OK. */
class LocalObject
{
    constructor(name, handlers)
    {
        const { iid, methods } = interfaces.get(name);
        const known = [iid, ...(handlers.iids || []), interfaces.get('IUnknown').iid];

        this.references = 1;
        this.failures = [];
        this.registered = [];
        this.pointer = koffi.alloc('void *', 1);
        this.vtable = koffi.alloc('void *', methods.length);
        const all = {
            QueryInterface: (riid, out) =>
            {
                const wanted = Buffer.from(koffi.decode(riid, 'uint8_t', 16));
                const found = known.some(id => id.equals(wanted));

                koffi.encode(out, 'void *', found ? this.pointer : null);
                if (!found)
                    return E_NOINTERFACE;
                this.references++;
                return S_OK;
            },
            AddRef: () => ++this.references,
            Release: () => --this.references,
            ...handlers,
        };
        methods.forEach(({ method, slot, type }) =>
        {
            const callback = koffi.register((self, ...args) => this.call(all[method], args), koffi.pointer(type));

            this.registered.push(callback);
            koffi.encode(this.vtable, slot * pointerSize, 'void *', callback);
        });
        koffi.encode(this.pointer, 'void *', this.vtable);
    }

    call(handler, args)
    {
        try
        {
            if (!handler)
                return 0x80004001 | 0;
            return handler(...args) ?? S_OK;
        }
        catch (error)
        {
            this.failures.push(error);
            return 0x80004005 | 0;
        }
    }
}

/* A VARIANT that holds a value. Who reads it has to be done with it before it is
 * cleared. */
function variant(vt, value)
{
    const bytes = Buffer.alloc(8 + 2 * pointerSize);

    bytes.writeUInt16LE(vt);
    switch (vt)
    {
        case VT_BSTR:    write_pointer(bytes, 8, SysAllocString(value)); break;
        case VT_BOOL:    bytes.writeInt16LE(value ? -1 : 0, 8); break;
        case VT_UNKNOWN: write_pointer(bytes, 8, value); break;
        case VT_UI4:     bytes.writeUInt32LE(value, 8); break;
        case VT_UI8:     bytes.writeBigUInt64LE(value, 8); break;
    }
    return bytes;
}

function write_pointer(bytes, offset, pointer)
{
    if (pointerSize === 8)
        bytes.writeBigUInt64LE(BigInt(pointer), offset);
    else
        bytes.writeUInt32LE(Number(pointer), offset);
}

function read_pointer(bytes, offset)
{
    return pointerSize === 8 ? bytes.readBigUInt64LE(offset) : BigInt(bytes.readUInt32LE(offset));
}

/* Reads it and clears it. */
function variant_value(bytes)
{
    const vt = bytes.readUInt16LE();
    let value;

    switch (vt)
    {
        case VT_EMPTY: value = null; break;
        case VT_BSTR:  value = koffi.decode.string16(read_pointer(bytes, 8)); break;
        case VT_BOOL:  value = bytes.readInt16LE(8) !== 0; break;
        case VT_UI4:   value = bytes.readUInt32LE(8); break;
        case VT_UI8:   value = bytes.readBigUInt64LE(8); break;
        default:       throw new Error(`a VARIANT of type ${vt}`);
    }
    VariantClear(bytes);
    return value;
}

function initialize()
{
    check('CoInitializeEx', CoInitializeEx(null, 0));
}

function create(clsid, name)
{
    const CLSCTX_LOCAL_SERVER = 4;
    const out = [null];

    return new Promise((resolve, reject) =>
        CoCreateInstance.async(guid(clsid), null, CLSCTX_LOCAL_SERVER, interfaces.get(name).iid, out, (error, hr) =>
        {
            if (error)
                reject(error);
            else if (hr < 0)
                reject(new ComError('CoCreateInstance', hr));
            else
                resolve(new Proxy(name, out[0]));
        }));
}

/* What winget insists on, with its values: all default, and impersonation. */
function set_blanket(proxy)
{
    const RPC_C_AUTHN_DEFAULT = 0xffffffff, RPC_C_IMP_LEVEL_IMPERSONATE = 3;

    check('CoSetProxyBlanket', CoSetProxyBlanket(proxy.pointer, RPC_C_AUTHN_DEFAULT, RPC_C_AUTHN_DEFAULT,
            pointerSize === 8 ? 0xffffffffffffffffn : 0xffffffffn, 0, RPC_C_IMP_LEVEL_IMPERSONATE, null, 0));
}

declare('IUnknown', null, '00000000-0000-0000-c000-000000000046', {
    QueryInterface: ['void *', koffi.out('void **')],
    AddRef: [],
    Release: [],
});

module.exports = { koffi, declare, guid, hex, initialize, uninitialize: CoUninitialize, create, set_blanket,
    LocalObject, Proxy, variant, variant_value, pointerSize, VT_BSTR, VT_BOOL, VT_UNKNOWN, VT_UI4, VT_UI8 };
