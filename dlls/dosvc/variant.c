/*
 * Values that clients pass for a property
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

/* Clients differ in what they make of a number or a flag: C++ passes the exact
 * type, .NET and scripts what they have at hand. */

#include "download.h"

/* Dereference once. */
static HRESULT dereference(const VARIANT *value, VARIANT *out)
{
    VARTYPE type = V_VT(value) & ~VT_BYREF;

    if (!(V_VT(value) & VT_BYREF))
    {
        *out = *value;
        return S_OK;
    }
    if (!V_BYREF(value))
        return E_INVALIDARG;
    memset(out, 0, sizeof(*out));
    V_VT(out) = type;
    if (type & VT_ARRAY)
    {
        V_ARRAY(out) = *V_ARRAYREF(value);
        return S_OK;
    }
    switch (type)
    {
        case VT_VARIANT:
            *out = *V_VARIANTREF(value);
            return V_VT(out) & VT_BYREF ? E_INVALIDARG : S_OK;
        case VT_I1:
        case VT_UI1:
            V_UI1(out) = *V_UI1REF(value);
            return S_OK;
        case VT_I2:
        case VT_UI2:
        case VT_BOOL:
            V_UI2(out) = *V_UI2REF(value);
            return S_OK;
        case VT_I4:
        case VT_UI4:
        case VT_INT:
        case VT_UINT:
            V_UI4(out) = *V_UI4REF(value);
            return S_OK;
        case VT_I8:
        case VT_UI8:
            V_UI8(out) = *V_UI8REF(value);
            return S_OK;
        case VT_BSTR:
            V_BSTR(out) = *V_BSTRREF(value);
            return S_OK;
        case VT_UNKNOWN:
            V_UNKNOWN(out) = *V_UNKNOWNREF(value);
            return S_OK;
        default:
            return E_INVALIDARG;
    }
}

/* number holds the bits of a negative value, too. */
static BOOL get_integer(const VARIANT *value, UINT64 *number, BOOL *is_negative)
{
    INT64 integer;

    switch (V_VT(value))
    {
        case VT_I1:   integer = V_I1(value); break;
        case VT_I2:   integer = V_I2(value); break;
        case VT_I4:   integer = V_I4(value); break;
        case VT_INT:  integer = V_INT(value); break;
        case VT_I8:   integer = V_I8(value); break;
        case VT_UI1:  integer = V_UI1(value); break;
        case VT_UI2:  integer = V_UI2(value); break;
        case VT_UI4:  integer = V_UI4(value); break;
        case VT_UINT: integer = V_UINT(value); break;
        case VT_UI8:
            *number = V_UI8(value);
            *is_negative = FALSE;
            return TRUE;
        default:
            return FALSE;
    }
    *number = integer;
    *is_negative = integer < 0;
    return TRUE;
}

HRESULT variant_coerce(const VARIANT *input, VARTYPE type, BOOL can_clear, VARIANT *out)
{
    BOOL is_integer, is_negative;
    VARIANT value;
    UINT64 number;
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    if (FAILED(hr = dereference(input, &value)))
        return hr;
    if (V_VT(&value) == VT_EMPTY || V_VT(&value) == VT_NULL)
        return can_clear ? S_OK : E_INVALIDARG;

    is_integer = get_integer(&value, &number, &is_negative);
    switch (type)
    {
        case VT_UI4:
            if (!is_integer || is_negative || number > 0xffffffff)
                return E_INVALIDARG;
            V_UI4(out) = number;
            break;
        case VT_UI8:
            if (!is_integer || is_negative)
                return E_INVALIDARG;
            V_UI8(out) = number;
            break;
        case VT_BOOL:
            if (!is_integer && V_VT(&value) != VT_BOOL)
                return E_INVALIDARG;
            V_BOOL(out) = (is_integer ? number != 0 : V_BOOL(&value) != 0) ? VARIANT_TRUE : VARIANT_FALSE;
            break;
        case VT_ARRAY | VT_UI1:
            if (V_VT(&value) != type || !V_ARRAY(&value) || SafeArrayGetDim(V_ARRAY(&value)) != 1)
                return E_INVALIDARG;
            V_ARRAY(out) = V_ARRAY(&value);
            break;
        default:
            if (V_VT(&value) != type)
                return E_INVALIDARG;
            *out = value;
            /* A stream or a callback that is not one is none. */
            if (type == VT_UNKNOWN && !V_UNKNOWN(&value))
                return can_clear ? (V_VT(out) = VT_EMPTY, S_OK) : E_INVALIDARG;
            break;
    }
    V_VT(out) = type;
    return S_OK;
}
