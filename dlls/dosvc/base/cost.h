/*
 * Costs of a network, and who accepts them
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

/* Pure. The values are those of BITS_COST_STATE and BITS_JOB_TRANSFER_POLICY, which the older headers lack. */

#ifndef __DOSVC_COST_H
#define __DOSVC_COST_H

#include "base/types.h"

enum cost_state
{
    COST_UNRESTRICTED    = 0x01,
    COST_CAPPED_UNKNOWN  = 0x02,
    COST_BELOW_CAP       = 0x04,
    COST_NEAR_CAP        = 0x08,
    COST_OVER_CHARGED    = 0x10,
    COST_OVER_THROTTLED  = 0x20,
    COST_USAGE_BASED     = 0x40,
    COST_ROAMING         = 0x80,
};

enum cost_policy
{
    COST_POLICY_UNRESTRICTED = 0x80000021,
    COST_POLICY_STANDARD     = 0x80000067,
    COST_POLICY_NO_SURCHARGE = 0x8000006f,
    COST_POLICY_NOT_ROAMING  = 0x8000007f,
    COST_POLICY_ALWAYS       = 0x800000ff,
};

/* Network and power as a transfer meets them. */
struct cost
{
    DWORD state; /* enum cost_state, several of them; 0: not known, which blocks nothing */
    BOOL is_cellular;
    BOOL is_saving; /* the battery, of what is in the background */
};

/* Networks that a transfer accepts. Zero-initialised it accepts nothing but a network whose state is not known. */
struct cost_limits
{
    DWORD policy; /* the states that it accepts, as enum cost_policy */
    BOOL is_never_cellular;
};

/* Translate a DODownloadCostPolicy. */
extern struct cost_limits cost_limits_from_download(DWORD policy, BOOL is_never_cellular);

enum cost_verdict
{
    COST_ALLOWED,
    COST_BLOCKED,
    COST_BLOCKED_CELLULAR,
    COST_BLOCKED_POWER,
};

extern enum cost_verdict cost_judge(const struct cost *cost, const struct cost_limits *limits, BOOL is_foreground);

#endif /* __DOSVC_COST_H */
