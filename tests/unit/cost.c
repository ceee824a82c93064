/*
 * Tests of cost.c
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

#include "unit.h"
#include "base/cost.h"

/* The table of the specification: a row for each state, a column for each policy. */
static const char table[8][6] =
{
    /* STANDARD, NO_SURCHARGE, NOT_ROAMING, ALWAYS, UNRESTRICTED */
    "yyyyy",
    "yyyy-",
    "yyyy-",
    "-yyy-",
    "--yy-",
    "yyyyy",
    "yyyy-",
    "---y-",
};

static const DWORD policies[] =
{
    COST_POLICY_STANDARD, COST_POLICY_NO_SURCHARGE, COST_POLICY_NOT_ROAMING, COST_POLICY_ALWAYS,
    COST_POLICY_UNRESTRICTED,
};

static void test_table(void)
{
    UINT i, j, state;

    for (i = 0; i < ARRAY_SIZE(policies); i++)
    {
        const struct cost_limits limits = { policies[i] };

        for (j = 0; j < ARRAY_SIZE(table); j++)
        {
            const struct cost cost = { 1u << j };

            ok(cost_judge(&cost, &limits, TRUE) == (table[j][i] == 'y' ? COST_ALLOWED : COST_BLOCKED),
                    "NET-002: policy %u, state %#x.\n", i, cost.state);
        }
        /* Each of several states has to be accepted; congestion is no state. */
        for (state = 0; state < 0x100; state++)
        {
            const struct cost cost = { state | 0x80000000 };
            BOOL is_allowed = TRUE;

            for (j = 0; j < ARRAY_SIZE(table); j++)
                is_allowed &= !(state & 1u << j) || table[j][i] == 'y';
            ok(cost_judge(&cost, &limits, TRUE) == (is_allowed ? COST_ALLOWED : COST_BLOCKED),
                    "NET-002: policy %u, states %#x.\n", i, state);
        }
    }
}

/* DODownloadCostPolicy has another order. */
static void test_download_policies(void)
{
    static const UINT columns[] = { 3, 4, 0, 2, 1, 3 };
    struct cost_limits limits;
    struct cost cost = { 0 };
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(columns); i++)
    {
        limits = cost_limits_from_download(i, FALSE);
        for (j = 0; j < ARRAY_SIZE(table); j++)
        {
            cost.state = 1u << j;
            ok(cost_judge(&cost, &limits, TRUE) == (table[j][columns[i]] == 'y' ? COST_ALLOWED : COST_BLOCKED),
                    "NET-002: DODownloadCostPolicy %u, state %#x.\n", i, cost.state);
        }
    }
}

static void test_cellular(void)
{
    struct cost cost = { COST_UNRESTRICTED, TRUE };
    struct cost_limits limits;
    UINT i;

    for (i = 0; i <= 5; i++)
    {
        limits = cost_limits_from_download(i, FALSE);
        ok(cost_judge(&cost, &limits, TRUE) == (i == 5 ? COST_BLOCKED_CELLULAR : COST_ALLOWED),
                "NET-003: policy %u.\n", i);
        limits = cost_limits_from_download(i, TRUE);
        ok(cost_judge(&cost, &limits, TRUE) == COST_BLOCKED_CELLULAR, "NET-003: policy %u.\n", i);
    }
    /* Cellular is the more precise reason. */
    cost.state = COST_ROAMING;
    limits = cost_limits_from_download(3, TRUE);
    ok(cost_judge(&cost, &limits, TRUE) == COST_BLOCKED_CELLULAR, "NET-003: got another reason.\n");
    cost.is_cellular = FALSE;
    ok(cost_judge(&cost, &limits, TRUE) == COST_BLOCKED, "NET-001: got another reason.\n");
    /* A number that is no policy blocks nothing. */
    limits = cost_limits_from_download(~0u, FALSE);
    ok(cost_judge(&cost, &limits, TRUE) == COST_ALLOWED, "NET-002: a policy that is none blocks.\n");
}

/* The battery matters to the background alone, and where nothing else is in the way. */
static void test_battery(void)
{
    struct cost_limits limits = cost_limits_from_download(2, TRUE);
    struct cost cost = { COST_UNRESTRICTED, .is_saving = TRUE };

    ok(cost_judge(&cost, &limits, FALSE) == COST_BLOCKED_POWER, "NET-003: the battery is used up.\n");
    ok(cost_judge(&cost, &limits, TRUE) == COST_ALLOWED, "NET-003: the foreground waits.\n");
    cost.is_cellular = TRUE;
    ok(cost_judge(&cost, &limits, FALSE) == COST_BLOCKED_CELLULAR, "NET-003: got another reason.\n");
    cost.is_cellular = cost.is_saving = FALSE;
    ok(cost_judge(&cost, &limits, FALSE) == COST_ALLOWED, "NET-003: the background waits.\n");
}

int main(void)
{
    test_table();
    test_download_policies();
    test_cellular();
    test_battery();
    return report("cost");
}
