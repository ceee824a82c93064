/*
 * Identifiers of interfaces and classes
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

/* Identifiers of these headers are in the library uuid, and in Wine's tree may not be defined twice; those of the
 * headers behind initguid.h are defined here. */
#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "oleauto.h"
#include "initguid.h"
#include "bits.h"
#include "bitshttpoptions.h"
#include "deliveryoptimization.h"
#include "deliveryoptimizationjob.h"
#include "dosvcstatus.h"
