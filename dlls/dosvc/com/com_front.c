/*
 * Classes and error codes of Delivery Optimization and of BITS
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
#include "net/transport.h"
#include "registration.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define HEX(digits) 0x##digits
#define CLSID_OF(a, b, c, d, e, f, g, h, i, j, k) \
        { HEX(a), HEX(b), HEX(c), { HEX(d), HEX(e), HEX(f), HEX(g), HEX(h), HEX(i), HEX(j), HEX(k) } },

static const CLSID bits_clsids[] =
{
    { 0x4991d34b, 0x80a1, 0x4291, { 0x83, 0xb6, 0x33, 0x28, 0x36, 0x6b, 0x90, 0x97 } }, /* BITS 1.0 */
    BITS_LATER_CLSIDS(CLSID_OF)
};

static HRESULT keep_result(HRESULT hr)
{
    return hr;
}

static HRESULT get_dosvc_code(const struct failure *failure)
{
    return failure->hr;
}

/* The documentation gives a context to status 403 alone. */
static BG_ERROR_CONTEXT get_dosvc_context(const struct failure *failure)
{
    return failure->http_status == 403 ? BG_ERROR_CONTEXT_REMOTE_FILE : BG_ERROR_CONTEXT_NONE;
}

const struct com_codes dosvc_codes =
{
    .clsids = &CLSID_DeliveryOptimization,
    .clsid_count = 1,
    .job_property_count = BITS_JOB_PROPERTY_NOTIFICATION_CLSID + 1,
    .map_result = keep_result,
    .get_code = get_dosvc_code,
    .get_context = get_dosvc_context,
    .has_file = failure_is_remote,
};

/* bits-front 6.1 */
static const struct
{
    HRESULT dosvc;
    HRESULT bits;
}
results[] =
{
    { DO_E_NO_SERVICE,                       __HRESULT_FROM_WIN32(ERROR_SERVICE_NOT_ACTIVE) },
    { DO_E_DOWNLOAD_NO_PROGRESS,             BG_E_NO_PROGRESS },
    { DO_E_JOB_NOT_FOUND,                    BG_E_NOT_FOUND },
    { DO_E_JOB_EMPTY,                        BG_E_EMPTY },
    { DO_E_FILE_NOT_AVAILABLE,               BG_E_FILE_NOT_AVAILABLE },
    { DO_E_UNKNOWN_PROPERTY_ID,              BG_E_UNKNOWN_PROPERTY_ID },
    { DO_E_READ_ONLY_PROPERTY,               BG_E_READ_ONLY_PROPERTY },
    { DO_E_INVALID_STATE,                    BG_E_INVALID_STATE },
    { DO_E_ERROR_INFORMATION_UNAVAILABLE,    BG_E_ERROR_INFORMATION_UNAVAILABLE },
    { DO_E_FILE_SIZE_UNKNOWN_HTTP_206,       BG_E_MISSING_FILE_SIZE },
    { DO_E_BLOCKED_BY_NO_NETWORK,            BG_E_NETWORK_DISCONNECTED },
    { DO_E_BLOCKED_BY_COST_TRANSFER_POLICY,  BG_E_BLOCKED_BY_POLICY },
    { DO_E_BLOCKED_BY_CELLULAR_POLICY,       BG_E_BLOCKED_BY_POLICY },
    { DO_E_BLOCKED_BY_POWER_STATE,           BG_E_BLOCKED_BY_POLICY },
    { DO_E_HTTP_BLOCKSIZE_MISMATCH,          BG_E_INVALID_SERVER_RESPONSE },
    { DO_E_HTTP_CERT_VALIDATION,             __HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE) },
    { DO_E_INVALID_RANGE,                    BG_E_INVALID_RANGE },
    { DO_E_INSUFFICIENT_RANGE_SUPPORT,       BG_E_INSUFFICIENT_RANGE_SUPPORT },
    { DO_E_OVERLAPPING_RANGES,               BG_E_OVERLAPPING_RANGES },
};

static HRESULT map_bits_result(HRESULT hr)
{
    UINT i;

    if (HRESULT_FACILITY(hr) != FACILITY_DELIVERY_OPTIMIZATION)
        return hr;
    for (i = 0; i < ARRAY_SIZE(results); i++)
    {
        if (results[i].dosvc == hr)
            return results[i].bits;
    }
    ERR("no code of BITS for %#lx.\n", hr);
    return E_UNEXPECTED;
}

static HRESULT get_bits_code(const struct failure *failure)
{
    HRESULT hr = failure->hr;

    if ((hr == DO_E_DOWNLOAD_NO_PROGRESS || hr == DO_E_HTTP_CERT_VALIDATION) && failure->underlying)
        hr = failure->underlying;
    if (hr == DO_E_UNEXPECTED_HTTP_STATUS_2XX)
        return MAKE_HRESULT(SEVERITY_ERROR, FACILITY_HTTP, failure->http_status);
    return map_bits_result(hr);
}

static BG_ERROR_CONTEXT get_bits_context(const struct failure *failure)
{
    HRESULT code = get_bits_code(failure);

    if (code == (HRESULT)BG_E_NETWORK_DISCONNECTED || code == (HRESULT)BG_E_NO_PROGRESS)
        return BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER;
    switch (failure->source)
    {
        case SOURCE_REMOTE:
            return BG_ERROR_CONTEXT_REMOTE_FILE;
        case SOURCE_LOCAL:
            return BG_ERROR_CONTEXT_LOCAL_FILE;
        case SOURCE_PROXY:
            return BG_ERROR_CONTEXT_GENERAL_TRANSPORT;
        default:
            return BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER;
    }
}

static BOOL has_bits_file(const struct failure *failure)
{
    BG_ERROR_CONTEXT context = get_bits_context(failure);

    return context == BG_ERROR_CONTEXT_LOCAL_FILE || context == BG_ERROR_CONTEXT_REMOTE_FILE;
}

const struct com_codes bits_codes =
{
    .clsids = bits_clsids,
    .clsid_count = ARRAY_SIZE(bits_clsids),
    .has_local_sources = TRUE,
    .job_property_count = BITS_JOB_PROPERTY_ON_DEMAND_MODE + 1,
    .map_result = map_bits_result,
    .get_code = get_bits_code,
    .get_context = get_bits_context,
    .has_file = has_bits_file,
};

const struct com_front *com_front;
