/*
 * The checks of a client, and their sum
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
'use strict';

let passed = 0, failed = 0;

function ok(what, condition, detail)
{
    if (condition)
    {
        passed++;
        console.log(`ok: ${what}`);
    }
    else
    {
        failed++;
        console.log(`FAILED: ${what}${detail === undefined ? '' : ` (${detail})`}`);
    }
}

function equal(what, got, wanted)
{
    ok(what, got === wanted, `got ${got} instead of ${wanted}`);
}

/* Who waits for an answer waits long: the machine may be slow. */
function limit(what, promise)
{
    let timer;
    const late = new Promise((resolve, reject) =>
        timer = setTimeout(() => reject(new Error(`no ${what} within two minutes`)), 120000));

    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/* Runs a client; its tests go on after one that has thrown. */
async function run(name, tests)
{
    for (const [what, test] of Object.entries(tests))
    {
        try
        {
            await limit(`end of ${what}`, test());
        }
        catch (error)
        {
            ok(`${what}: ${error.stack}`, false);
        }
    }
    console.log(`${name}: ${passed} passed, ${failed} failed, 0 skipped`);
    return failed ? 1 : 0;
}

module.exports = { ok, equal, limit, run };
