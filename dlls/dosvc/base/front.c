/*
 * Names and places of the two services
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

#include <stdarg.h>

#include "base/front.h"

#include "winbase.h"
#include "registration.h"

const struct front dosvc_front =
{
    .service_name = DOSVC_SERVICE_NAME,
    .parameters_key = DOSVC_PARAMETERS_KEY,
    .pipe_name = DOSVC_PIPE_NAME,
    .root_folder = DOSVC_ROOT_FOLDER L"\\",
    .state_fallback = DOSVC_STATE_FALLBACK L"\\",
    .root_name = DOSVC_ROOT_NAME,
    .log_prefix = L"dosvc",
    .event_source = L"Microsoft-Windows-DeliveryOptimization",
    .state_mutex = L"DoSvcState",
    .temporary_prefix = L"DO",
    .user_agent = L"Microsoft-Delivery-Optimization/10.1",
    .has_policies = TRUE,
};

const struct front bits_front =
{
    .service_name = BITS_SERVICE_NAME,
    .parameters_key = BITS_PARAMETERS_KEY,
    .pipe_name = BITS_PIPE_NAME,
    .root_folder = BITS_ROOT_FOLDER L"\\",
    .root_name = L"BITS",
    .log_prefix = L"bits",
    .event_source = L"Microsoft-Windows-Bits-Client",
    .state_mutex = L"BitsState",
    .temporary_prefix = L"BIT",
    .user_agent = L"Microsoft BITS/7.7",
};

const struct front *front = &dosvc_front;
