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

#include "base/cost.h"

#define STATES 0xff /* the other bits of a policy are no costs */

struct cost_limits cost_limits_from_download(DWORD policy, BOOL is_never_cellular)
{
    /* By the DODownloadCostPolicy. The last one is about cellular networks alone. */
    static const DWORD policies[] =
    {
        COST_POLICY_ALWAYS, COST_POLICY_UNRESTRICTED, COST_POLICY_STANDARD, COST_POLICY_NOT_ROAMING,
        COST_POLICY_NO_SURCHARGE, COST_POLICY_ALWAYS,
    };
    struct cost_limits limits = { COST_POLICY_ALWAYS, is_never_cellular };

    if (policy < ARRAY_SIZE(policies))
        limits.policy = policies[policy];
    if (policy == ARRAY_SIZE(policies) - 1)
        limits.is_never_cellular = TRUE;
    return limits;
}

enum cost_verdict cost_judge(const struct cost *cost, const struct cost_limits *limits, BOOL is_foreground)
{
    if (cost->is_cellular && limits->is_never_cellular)
        return COST_BLOCKED_CELLULAR;
    if (cost->state & ~limits->policy & STATES)
        return COST_BLOCKED;
    return cost->is_saving && !is_foreground ? COST_BLOCKED_POWER : COST_ALLOWED;
}
