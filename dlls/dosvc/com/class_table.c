/*
 * Entries in the table of class objects that Wine's RpcSs keeps
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

#include "com/com.h"
#include "base/front.h"
#include "servprov.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Wine's RpcSs keeps what CoRegisterClassObject enters until it is revoked. When a process is killed, each client
 * is still referred to it, and its activation fails. The entry that is made here refers to no process: it is
 * unmarshalled by the client, with code of dosvcps.dll (activator.c there), and stays when the service ends.
 *
 * Nothing in Windows' API makes such an entry, so RpcSs is called as Wine's combase.dll calls it: the interface of
 * wine/irpcss.idl, methods 0 to 2. A Wine that has another one refuses the calls. */

#define METHOD_REGISTER 0
#define METHOD_REVOKE   1
#define METHOD_GET      2

/* Cookies of the entries, by class: they last as long as RpcSs, and longer than the service. */
#define COOKIES_KEY L"ClassTable"

/* OBJREF of [MS-DCOM] 2.2.18, with OBJREF_CUSTOM and no data. */
struct reference
{
    DWORD signature;
    DWORD flags;
    IID iid;        /* of the interface that it refers to */
    CLSID clsid;    /* of the class that unmarshals it */
    DWORD extension_size;
    DWORD size;
};

/* Pointer to a reference, as NDR sends it. */
struct pointer
{
    DWORD referent;
    DWORD max_count;    /* these two are the size in bytes */
    DWORD count;
    struct reference reference;
};

static void pointer_init(struct pointer *pointer, const CLSID *unmarshaler)
{
    memset(pointer, 0, sizeof(*pointer));
    pointer->referent = 0x20000;
    pointer->max_count = pointer->count = sizeof(pointer->reference);
    pointer->reference.signature = 0x574f454d; /* MEOW */
    pointer->reference.flags = 4;
    pointer->reference.iid = IID_IServiceProvider;
    pointer->reference.clsid = *unmarshaler;
}

/* Call a method of RpcSs. Sizes are in bytes; of a longer reply the rest is dropped, of a shorter one the rest is left
 * as it was. */
static RPC_STATUS exchange(RPC_BINDING_HANDLE binding, UINT method, const void *args, UINT args_size, void *reply,
        UINT reply_size)
{
    static RPC_CLIENT_INTERFACE rpcss =
    {
        sizeof(rpcss),
        {{0x85da4974, 0xedc7, 0x40ff, {0xba, 0xd4, 0x9c, 0x45, 0x25, 0xa8, 0xd0, 0x44}}, {0, 0}},
        {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, {2, 0}}, /* NDR */
    };
    RPC_MESSAGE message = { 0 };
    RPC_STATUS status;

    message.Handle = binding;
    message.DataRepresentation = 0x10; /* little endian, ASCII, IEEE */
    message.BufferLength = args_size;
    message.ProcNum = method;
    message.RpcInterfaceInformation = &rpcss;
    if ((status = I_RpcGetBuffer(&message)))
        return status;
    memcpy(message.Buffer, args, args_size);
    if (!(status = I_RpcSendReceive(&message)))
        memcpy(reply, message.Buffer, min(message.BufferLength, reply_size));
    I_RpcFreeBuffer(&message);
    return status;
}

static RPC_STATUS bind_rpcss(RPC_BINDING_HANDLE *binding)
{
    static WCHAR protocol[] = L"ncalrpc", endpoint[] = L"irpcss";
    RPC_STATUS status;
    WCHAR *text;

    if ((status = RpcStringBindingComposeW(NULL, protocol, NULL, endpoint, NULL, &text)))
        return status;
    status = RpcBindingFromStringBindingW(text, binding);
    RpcStringFreeW(&text);
    return status;
}

static HKEY open_cookies(void)
{
    HKEY parameters, key = NULL;

    if (!RegOpenKeyExW(HKEY_LOCAL_MACHINE, front->parameters_key, 0, KEY_WRITE, &parameters))
    {
        RegCreateKeyExW(parameters, COOKIES_KEY, 0, NULL, REG_OPTION_VOLATILE, KEY_READ | KEY_WRITE, NULL, &key, NULL);
        RegCloseKey(parameters);
    }
    return key;
}

static void save_cookie(const CLSID *clsid, DWORD cookie)
{
    HKEY key = open_cookies();
    WCHAR name[39];

    StringFromGUID2(clsid, name, ARRAY_SIZE(name));
    if (!key || RegSetValueExW(key, name, 0, REG_DWORD, (BYTE *)&cookie, sizeof(cookie)))
        WARN("cannot save the cookie of %s.\n", debugstr_w(name));
    RegCloseKey(key);
}

/* Return the cookie of an entry, and forget it if the caller takes it. 0 if there is none. */
static DWORD get_cookie(const CLSID *clsid, BOOL is_taken)
{
    DWORD cookie = 0, size = sizeof(cookie);
    HKEY key = open_cookies();
    WCHAR name[39];

    StringFromGUID2(clsid, name, ARRAY_SIZE(name));
    if (key && !RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &cookie, &size) && is_taken)
        RegDeleteValueW(key, name);
    RegCloseKey(key);
    return cookie;
}

/* Return whether the class has our entry, which may stand behind that of a process which was ended by force. */
static BOOL is_entered(const CLSID *clsid, const struct reference *entry, const struct reference *present)
{
    return !memcmp(present, entry, sizeof(*present)) || (present->signature && get_cookie(clsid, FALSE));
}

HRESULT class_table_enter(const CLSID *clsid, const CLSID *unmarshaler)
{
    struct { CLSID clsid; DWORD flags; struct pointer pointer; } entry = { *clsid, REGCLS_MULTIPLEUSE };
    struct { DWORD cookie; HRESULT hr; } result = { 0, E_UNEXPECTED };
    struct pointer present = { 0 };
    RPC_BINDING_HANDLE binding;
    RPC_STATUS status;

    /* Start RpcSs if it does not run. */
    CoGetCurrentProcess();
    if ((status = bind_rpcss(&binding)))
        return HRESULT_FROM_WIN32(status);
    pointer_init(&entry.pointer, unmarshaler);
    status = exchange(binding, METHOD_GET, clsid, sizeof(*clsid), &present, sizeof(present));
    if (!status && is_entered(clsid, &entry.pointer.reference, &present.reference))
        result.hr = S_OK;
    else if (!status && !(status = exchange(binding, METHOD_REGISTER, &entry, sizeof(entry), &result, sizeof(result)))
            && SUCCEEDED(result.hr))
        save_cookie(clsid, result.cookie);
    RpcBindingFree(&binding);
    TRACE("clsid %s, status %ld, hr %#lx.\n", debugstr_guid(clsid), status, result.hr);
    return status ? HRESULT_FROM_WIN32(status) : result.hr;
}

void class_table_revoke(const CLSID *clsid)
{
    DWORD cookie = get_cookie(clsid, TRUE);
    RPC_BINDING_HANDLE binding;
    HRESULT hr = S_OK;

    if (!cookie || bind_rpcss(&binding))
        return;
    exchange(binding, METHOD_REVOKE, &cookie, sizeof(cookie), &hr, sizeof(hr));
    RpcBindingFree(&binding);
    TRACE("clsid %s, hr %#lx.\n", debugstr_guid(clsid), hr);
}
