/*
 * COM objects of the service
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

#ifndef __DOSVC_COM_H
#define __DOSVC_COM_H

#include <stdarg.h>
#include <stdio.h>

#include "model/download.h"
#include "model/job.h"

#include "bitserrors.h"
#include "oleauto.h"
#include "dosvcstatus.h"

#include "base/base.h"

#include "base/log.h"

/* com_object.c: COM objects, of which a com_object is the first member. An object belongs to one client, is cheap, and
 * dies with it; the model behind it lives on. */

struct com_object
{
    struct client_object base;
    struct store_item *model; /* owned; the job or download that it is about, or NULL */
    const struct com_object_class *class;
};

struct com_object_interface
{
    const IID *iid;
    size_t offset; /* in the object */
    const void *vtbl;
};

/* Interfaces and size of one kind of object. Constant. */
struct com_object_class
{
    const struct com_object_interface *interfaces; /* the first one is its IUnknown, too */
    UINT count;
    size_t size;
    void (*destroy)(struct com_object *object); /* release what it owns, apart from memory and model; NULL: nothing */
};

#define COM_OBJECT_CLASS(object, interfaces, destroy) \
        { (interfaces), ARRAY_SIZE(interfaces), sizeof(struct object), destroy }

/* Return a new object with one reference, zero-initialised but for this part and the vtables. A client of NULL is that
 * of the COM call in progress. NULL if out of memory. */
extern void *com_object_create(const struct com_object_class *class, struct client *client, struct store_item *model);
extern BOOL com_object_supports(const struct com_object_class *class, REFIID riid);
extern HRESULT com_object_query_interface(struct com_object *object, REFIID riid, void **out);
extern ULONG com_object_addref(struct com_object *object);
extern ULONG com_object_release(struct com_object *object);

/* IUnknown of one interface of an object. */
#define DEFINE_IUNKNOWN(prefix, type, object) \
static inline struct object *impl_from_##type(type *iface) \
{ \
    return CONTAINING_RECORD(iface, struct object, type##_iface); \
} \
 \
static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out) \
{ \
    return com_object_query_interface(&impl_from_##type(iface)->com_object, riid, out); \
} \
 \
static ULONG WINAPI prefix##_AddRef(type *iface) \
{ \
    return com_object_addref(&impl_from_##type(iface)->com_object); \
} \
 \
static ULONG WINAPI prefix##_Release(type *iface) \
{ \
    return com_object_release(&impl_from_##type(iface)->com_object); \
}

/* IUnknown of an object that is there as long as the process. */
#define DEFINE_STATIC_IUNKNOWN(prefix, type) \
static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out) \
{ \
    if (!out) \
        return E_POINTER; \
    *out = IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_##type) ? iface : NULL; \
    return *out ? S_OK : E_NOINTERFACE; \
} \
 \
static ULONG WINAPI prefix##_AddRef(type *iface) \
{ \
    return 2; \
} \
 \
static ULONG WINAPI prefix##_Release(type *iface) \
{ \
    return 1; \
}

/* job_callback.c and download_callback.c: tell a client what becomes of its job or download */

extern const struct callback_ops job_callback_ops, download_callback_ops;

/* com_front.c: differences between the objects of the two services */

struct com_codes
{
    const CLSID *clsids;          /* answered by this service */
    UINT clsid_count;
    BOOL has_local_sources;       /* remote names may be paths and file URLs */
    UINT job_property_count;      /* properties of jobs with smaller ids are offered */
    HRESULT (*map_result)(HRESULT hr);
    HRESULT (*get_code)(const struct failure *failure); /* of an error object */
    BG_ERROR_CONTEXT (*get_context)(const struct failure *failure);
    BOOL (*has_file)(const struct failure *failure); /* the error object tells which file it is about */
};

extern const struct com_codes dosvc_codes, bits_codes;

struct com_front
{
    const struct com_codes *codes;
    const struct com_object_class *manager, *job, *file;
};

/* Row of this process (service.c). Set before the class is published. */
extern const struct com_front *com_front;

/* Return the code of the front for a result of the model, whose codes are those of Delivery Optimization. A method of a
 * job, a file or the manager passes each result through this that is not one of COM. */
static inline HRESULT com_result(HRESULT hr)
{
    return SUCCEEDED(hr) ? hr : com_front->codes->map_result(hr);
}

#define CLEAR(out) if (out) memset(out, 0, sizeof(*(out)))

/* Methods that promise an effect that is not delivered fail, with cleared outputs. */
#define NOT_OFFERED(prefix, method, parameters, clear_outputs) \
static HRESULT WINAPI prefix##_##method parameters \
{ \
    WARN("iface %p: not offered.\n", iface); \
 \
    clear_outputs; \
    return E_NOTIMPL; \
}

/* The COM objects. Each create function makes an object for the given client and returns a reference. */

/* manager.c: an object for both APIs of Delivery Optimization, and one for BITS */
extern const struct com_object_class manager_class, bits_manager_class;
extern const struct com_object_class bg_job_class, bg_file_class, bg_error_class, do_download_class;
extern const struct com_object_class bits_job_class, bits_file_class;

extern HRESULT bg_job_create(struct job *job, struct client *client, IBackgroundCopyJob **out);
/* Hide user and password in a copy of the URL of the file from all clients but the one that gave them. */
extern void bg_file_hide_userinfo_locked(const struct job_file *file, WCHAR *url);
extern HRESULT bg_file_create(struct job_file *file, struct client *client, IBackgroundCopyFile **out);
extern HRESULT bg_error_create(struct job *job, const struct job_error *error, struct client *client,
        IBackgroundCopyError **out);
extern HRESULT do_download_create(struct download *download, struct client *client, IDODownload **out);

extern HRESULT file_get_stats_locked(const struct job_file *file, DOSwarmStats *stats); /* for IDosvcStatus */
/* Tell who has brought the bytes, of which those of cache hosts are among those of HTTP (MCC-013). */
extern void stats_set_sources_locked(DOSwarmStats *stats, const struct transfer *transfer);

/* do_download.c: properties of downloads */

/* The id is checked, value is not NULL. */
extern HRESULT download_get_property(struct download *download, DODownloadProperty id, VARIANT *value);
/* The filter of EnumDownloads. */
extern BOOL download_can_filter(DODownloadProperty id);
extern BOOL download_matches_locked(const struct download *download, DODownloadProperty id, const WCHAR *value);

/* enum.c */

extern const struct com_object_class enum_jobs_class, enum_files_class, enum_unknown_class;

/* Enumerate the objects that make_item makes for each model, for the calling
 * client. The elements of the enumerator have the type that its class says. */
extern HRESULT enum_create(const struct com_object_class *class, void **models, UINT count,
        HRESULT (*make_item)(void *model, struct client *client, IUnknown **item), void **out);
extern HRESULT enum_bound_stubs(void); /* once, before the first object is marshalled */

/* validate.c: values that clients may pass */

extern HRESULT check_file_id(const WCHAR *id);
extern HRESULT check_url(const WCHAR *url);
extern HRESULT check_remote_name(const WCHAR *name); /* a URL or, if the front has them, a local source */
/* E_INVALIDARG if a file would be copied to itself. */
extern HRESULT check_other_file(const WCHAR *name, const WCHAR *path);
extern HRESULT check_uri(const WCHAR *url); /* the same for a download */
extern HRESULT check_path(const WCHAR *path); /* of a file that is to be written */
/* The same for a download (download-api 2.5.3), whose errors are finer. */
extern HRESULT check_local_path(const WCHAR *path);
extern HRESULT check_directory(const WCHAR *path); /* E_ACCESSDENIED if the file cannot be created there */
extern BOOL is_same_directory(const WCHAR *path, const WCHAR *other); /* as far as the spelling tells */
extern HRESULT copy_string(const WCHAR *string, WCHAR **out); /* CoTaskMem copy; NULL out is E_INVALIDARG */
extern BOOL decryption_info_is_valid(const WCHAR *text, UINT length); /* of a known scheme */
extern BOOL certificate_is_valid(const BYTE *data, DWORD size);
/* Find out what a client passes for a property of a type: VT_UI4, VT_UI8, VT_BOOL, VT_BSTR, VT_UNKNOWN or
 * VT_ARRAY | VT_UI1. The result borrows from the input, and is VT_EMPTY if the property is to be cleared.
 * E_INVALIDARG is the only error. */
extern HRESULT variant_coerce(const VARIANT *value, VARTYPE type, BOOL can_clear, VARIANT *out);

/* bg_error.c: text for an HRESULT, CoTaskMem */

extern HRESULT error_text_from_hresult(HRESULT hr, DWORD language, WCHAR **out);

/* factory.c: the class object, and a stub of every interface, for Wine's sake */

extern HRESULT factory_publish(void);
extern void factory_revoke(void);
/* Let RpcSs refer no client to this service any more, since another DLL is about to take its place. */
extern void factory_forget(void);

/* class_table.c; Wine only */

/* Have activations of a class handed to code in the client, from now on until RpcSs ends. Does nothing if they are
 * already. An error of RPC or of RpcSs. */
extern HRESULT class_table_enter(const CLSID *clsid, const CLSID *unmarshaler);
/* Take the entry of a class out again, also one that a service before this one has made. */
extern void class_table_revoke(const CLSID *clsid);

#endif /* __DOSVC_COM_H */
