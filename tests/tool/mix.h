/*
 * What is at work while somebody kills the service: jobs or downloads
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

#ifndef TESTTOOL_MIX_H
#define TESTTOOL_MIX_H

#include "testtool.h"

#define SLOTS 20
#define GONE  (1u << 31)

struct slot
{
    IUnknown *object;    /* a job or a download; NULL if there is none, or not now */
    GUID id;
    WCHAR path[MAX_PATH];
    unsigned int states; /* that are right, a bit for each; GONE: it may be missing. 0: there is none */
    BOOL is_lasting;     /* it outlives the service */
    BOOL is_ready;       /* URL and path are set */
    BOOL is_adding;      /* nobody knows whether it is ready */
    BOOL is_creating;    /* nobody knows whether there is one */
    BOOL is_completing;  /* Complete or Finalize was called: nobody knows whether there is a file */
};

struct mix_ops
{
    const char *name;
    const IID *iid;          /* of the manager */
    unsigned int startable;  /* in these states it is started, */
    unsigned int running;    /* and gets into these by itself */
    unsigned int unfinished; /* seen in one of these after a death, it may get into any of those */
    unsigned int stopped;    /* stop leads here, unless it is done */
    unsigned int done;       /* here it is completed */
    HRESULT (*find)(struct slot *slot); /* makes the object; S_FALSE: it is not there */
    HRESULT (*get_state)(struct slot *slot, unsigned int *state);
    HRESULT (*check)(struct slot *slot); /* what else can be seen of it after a death; may be NULL */
    BOOL (*check_all)(void);             /* what can be seen of all; FALSE if the service has died again */
    HRESULT (*create)(struct slot *slot);
    HRESULT (*prepare)(struct slot *slot);
    HRESULT (*start)(struct slot *slot);
    HRESULT (*stop)(struct slot *slot);
    HRESULT (*complete)(struct slot *slot);
    HRESULT (*cancel)(struct slot *slot);
};

struct mixture
{
    const struct mix_ops *ops;
    IUnknown *manager; /* NULL if it is not there */
    const WCHAR *url, *source, *folder;
    const WCHAR *marks; /* may be NULL */
    struct slot slots[SLOTS];
    unsigned int calls, deaths, completed, cancelled, wrong;
};

extern struct mixture mixture;

extern void complain(const struct slot *slot, const char *what, HRESULT hr);
/* A call from one state into others. If nobody answers, it has happened or not. */
extern HRESULT settle(struct slot *slot, HRESULT hr, unsigned int states);
/* With the arguments of the verb; the exit code. */
extern int run_mixture(const struct mix_ops *ops, int argc, WCHAR **argv);

#endif /* TESTTOOL_MIX_H */
