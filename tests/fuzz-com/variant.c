/*
 * Fuzzer of both APIs: variants
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

static void set_text(struct frame *frame, const WCHAR *text)
{
    V_VT(&frame->variant) = VT_BSTR;
    V_BSTR(&frame->variant) = text ? SysAllocString(text) : NULL;
}

static void set_client(struct fuzzer *fuzzer, struct frame *frame)
{
    V_VT(&frame->variant) = VT_UNKNOWN;
    if (draw_chance(fuzzer, 8))
        V_UNKNOWN(&frame->variant) = pool_get(fuzzer, KIND_UNKNOWN);
    else
        V_UNKNOWN(&frame->variant) = draw_chance(fuzzer, 8) ? NULL : create_client_object(fuzzer);
}

static void set_number(struct fuzzer *fuzzer, struct frame *frame, VARTYPE type)
{
    V_VT(&frame->variant) = type;
    V_UI8(&frame->variant) = draw_size(fuzzer);
    if (type == VT_UI4)
        V_UI4(&frame->variant) = draw_chance(fuzzer, 2) ? draw_below(fuzzer, 8) : draw_number(fuzzer);
    else if (type == VT_BOOL)
        V_BOOL(&frame->variant) = draw_chance(fuzzer, 8) ? 1 : draw_chance(fuzzer, 2) ? VARIANT_TRUE : VARIANT_FALSE;
}

static void set_array(struct fuzzer *fuzzer, struct frame *frame, VARTYPE type)
{
    SAFEARRAYBOUND bound = { draw_below(fuzzer, 100), 0 };

    V_VT(&frame->variant) = VT_ARRAY | type;
    V_ARRAY(&frame->variant) = draw_chance(fuzzer, 8) ? NULL : SafeArrayCreate(type, 1, &bound);
}

/* Without ownership: a BYREF may lead to anything but another one. */
static void set_reference(struct fuzzer *fuzzer, struct frame *frame)
{
    static const VARTYPE types[] = { VT_UI4, VT_I4, VT_BOOL, VT_UI8, VT_BSTR, VT_UNKNOWN, VT_VARIANT, VT_R8 };

    memset(&frame->inner, 0, sizeof(frame->inner));
    V_VT(&frame->variant) = VT_BYREF | types[draw_below(fuzzer, ARRAYSIZE(types))];
    V_BYREF(&frame->variant) = &V_UI8(&frame->inner);
    if (V_VT(&frame->variant) == (VT_BYREF | VT_VARIANT))
        V_BYREF(&frame->variant) = &frame->inner;
}

void draw_any_variant(struct fuzzer *fuzzer, struct frame *frame)
{
    static const VARTYPE plain[] = { VT_EMPTY, VT_NULL, VT_I2, VT_I4, VT_R4, VT_R8, VT_CY, VT_DATE, VT_ERROR, VT_BOOL,
            VT_I1, VT_UI1, VT_UI2, VT_UI4, VT_I8, VT_UI8, VT_INT, VT_UINT };
    static const VARTYPE bad[] = { 15, 0x0fff, VT_LPWSTR, VT_BLOB, VT_CLSID, VT_VECTOR | VT_UI1, VT_RESERVED | VT_UI4,
            VT_VARIANT, VT_VOID };
    static const VARTYPE arrays[] = { VT_UI1, VT_BSTR, VT_VARIANT, VT_UI4, VT_UNKNOWN };

    switch (draw_below(fuzzer, 8))
    {
        case 0: set_text(frame, draw_chance(fuzzer, 8) ? NULL : draw_text(fuzzer)); break;
        case 1: set_client(fuzzer, frame); break;
        case 2: set_array(fuzzer, frame, arrays[draw_below(fuzzer, ARRAYSIZE(arrays))]); break;
        case 3: set_reference(fuzzer, frame); break;
        case 4:
            memset(&frame->variant, 0, sizeof(frame->variant));
            V_VT(&frame->variant) = bad[draw_below(fuzzer, ARRAYSIZE(bad))];
            break;
        case 5:
            V_VT(&frame->variant) = VT_DISPATCH;
            V_DISPATCH(&frame->variant) = NULL;
            break;
        default: set_number(fuzzer, frame, plain[draw_below(fuzzer, ARRAYSIZE(plain))]); break;
    }
}

void draw_download_property(struct fuzzer *fuzzer, struct frame *frame, ULONG property)
{
    switch (property)
    {
        case DODownloadProperty_Uri: set_text(frame, draw_url(fuzzer)); break;
        case DODownloadProperty_LocalPath: set_text(frame, draw_path(fuzzer)); break;
        case DODownloadProperty_CallbackInterface:
        case DODownloadProperty_StreamInterface: set_client(fuzzer, frame); break;
        case DODownloadProperty_SecurityContext: set_array(fuzzer, frame, VT_UI1); break;
        case DODownloadProperty_TotalSizeBytes: set_number(fuzzer, frame, VT_UI8); break;
        case DODownloadProperty_CostPolicy:
        case DODownloadProperty_SecurityFlags:
        case DODownloadProperty_CallbackFreqPercent:
        case DODownloadProperty_CallbackFreqSeconds:
        case DODownloadProperty_NoProgressTimeoutSeconds: set_number(fuzzer, frame, VT_UI4); break;
        case DODownloadProperty_ForegroundPriority:
        case DODownloadProperty_BlockingMode:
        case DODownloadProperty_NetworkToken:
        case DODownloadProperty_IntegrityCheckMandatory:
        case DODownloadProperty_DisallowOnCellular:
        case DODownloadProperty_HttpAllowSecureToNonSecureRedirect:
        case DODownloadProperty_NonVolatile: set_number(fuzzer, frame, VT_BOOL); break;
        default: set_text(frame, draw_text(fuzzer)); break;
    }
}

void draw_file_property(struct fuzzer *fuzzer, struct frame *frame, ULONG property)
{
    switch (property)
    {
        case DOFilePropertyId_DownloadSinkInterface: set_client(fuzzer, frame); break;
        case DOFilePropertyId_DownloadSinkFilePath: set_text(frame, draw_path(fuzzer)); break;
        case DOFilePropertyId_TotalSizeBytes: set_number(fuzzer, frame, VT_UI8); break;
        case DOFilePropertyId_IntegrityCheckMandatory:
        case DOFilePropertyId_DownloadSinkMemoryStream: set_number(fuzzer, frame, VT_BOOL); break;
        default: set_text(frame, draw_text(fuzzer)); break;
    }
}

void free_variant(struct frame *frame)
{
    /* What has no valid type owns nothing. */
    if (!(V_VT(&frame->variant) & VT_BYREF))
        VariantClear(&frame->variant);
}
