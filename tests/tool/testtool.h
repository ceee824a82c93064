/*
 * What the test scripts need from a Windows program
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

#ifndef TESTTOOL_H
#define TESTTOOL_H

#define COBJMACROS
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>
#include <deliveryoptimization.h>
#include <deliveryoptimizationjob.h>
#include <bitserrors.h>

/* main.c */
/* Return whether DOSVC_FRONT=bits has all verbs work with the service BITS. */
extern BOOL is_bits(void);
extern const CLSID *get_clsid(void);
extern HRESULT open_manager(IBackgroundCopyManager **manager);
extern DWORD get_service_pid(void); /* 0 if it does not run */
extern DWORD get_pid_of_service(const WCHAR *name);
/* Prints what failed; returns the exit code of a failure. */
extern int failed(const char *what, HRESULT hr);
extern HRESULT create_empty_job(GUID *id, IBackgroundCopyJob **job); /* without a file */
/* A job with one file that has been started. ranges may be NULL. */
extern HRESULT start_job(const WCHAR *url, const WCHAR *path, BG_FILE_RANGE *ranges, DWORD count,
        IBackgroundCopyJob **job);
/* Says the result of a call that the service is gone? */
extern BOOL is_death(HRESULT hr);
/* Files. */
extern BOOL are_equal(const WCHAR *a, const WCHAR *b);
extern BOOL exists(const WCHAR *path);

/* The same for the download API. */
extern HRESULT open_download_manager(IDOManager **manager);
extern HRESULT set_string(IDODownload *download, DODownloadProperty prop, const WCHAR *text);
extern HRESULT set_unknown(IDODownload *download, DODownloadProperty prop, IUnknown *unknown);
/* download.c: one that has not been started yet. */
extern HRESULT prepare_download(const WCHAR *url, const WCHAR *path, IDODownload **download);
/* The same for one that outlives the service. */
extern HRESULT prepare_lasting(const WCHAR *url, const WCHAR *path, IDODownload **download);
/* Until it transfers no more: S_OK or its error. */
extern HRESULT wait_download(IDODownload *download, DO_DOWNLOAD_STATUS *status);

/* activate.c: end a process by force, and wait. */
extern HRESULT kill_process(DWORD pid);

/* handles.c: of which types they are goes to stderr. -1 if it cannot be told. */
extern int get_handle_count(DWORD pid);

/* ending.c. S_FALSE: there is none, or no other one. */
extern HRESULT get_first_job(IBackgroundCopyJob **job);
extern HRESULT get_downloads(IEnumUnknown **downloads);
extern HRESULT get_next_download(IEnumUnknown *downloads, IDODownload **download);
extern HRESULT get_first_download(IDODownload **download);
/* full.c: a file of as much as fits. */
extern void fill_disk(const WCHAR *path);

/* Microseconds since some moment. */
extern ULONGLONG get_time(void);

/* A callback, which lives as long as the process. */
struct listener
{
    IDODownloadStatusCallback IDODownloadStatusCallback_iface;
    void (*hear)(struct listener *listener, const DO_DOWNLOAD_STATUS *status); /* called for each status */
    HANDLE transferred; /* an event */
};

extern void listener_init(struct listener *listener,
        void (*hear)(struct listener *listener, const DO_DOWNLOAD_STATUS *status));
/* Set the event for a download that is Transferred: one to give to listener_init. */
extern void listener_note(struct listener *listener, const DO_DOWNLOAD_STATUS *status);
extern HRESULT listener_set(struct listener *listener, IDODownload *download);

/* The verbs: arguments after the verb; the exit code. */
extern int abort_downloads(int argc, WCHAR **argv);
extern int activate(int argc, WCHAR **argv);
extern int activate_killed(int argc, WCHAR **argv);
extern int add_root(int argc, WCHAR **argv);
extern int cancel_jobs(int argc, WCHAR **argv);
extern int complete_part(int argc, WCHAR **argv);
extern int count_handles(int argc, WCHAR **argv);
extern int crash_service(int argc, WCHAR **argv);
extern int crowd(int argc, WCHAR **argv);
extern int download(int argc, WCHAR **argv);
extern int end_downloads(int argc, WCHAR **argv);
extern int end_jobs(int argc, WCHAR **argv);
extern int fail(int argc, WCHAR **argv);
extern int full_disk(int argc, WCHAR **argv);
extern int give_stream(int argc, WCHAR **argv);
extern int give_streams(int argc, WCHAR **argv);
extern int hog(int argc, WCHAR **argv);
extern int hold(int argc, WCHAR **argv);
extern int keep(int argc, WCHAR **argv);
extern int keep_going(int argc, WCHAR **argv);
extern int keep_ending(int argc, WCHAR **argv);
extern int kill_service_named(int argc, WCHAR **argv);
extern int knock(int argc, WCHAR **argv);
extern int list_bits_jobs(int argc, WCHAR **argv);
extern int lose_handles(int argc, WCHAR **argv);
extern int make_client_certificate(int argc, WCHAR **argv);
extern int make_downloads(int argc, WCHAR **argv);
extern int make_jobs(int argc, WCHAR **argv);
extern int extend_job(int argc, WCHAR **argv);
extern int make_part(int argc, WCHAR **argv);
extern int move_part(int argc, WCHAR **argv);
extern int mix_downloads(int argc, WCHAR **argv);
extern int mix_jobs(int argc, WCHAR **argv);
extern int print_pid(int argc, WCHAR **argv);
extern int poll(int argc, WCHAR **argv);
extern int set_properties(int argc, WCHAR **argv);
extern int get_by_bits(int argc, WCHAR **argv);
extern int start_bits_job(int argc, WCHAR **argv);
extern int start_jobs(int argc, WCHAR **argv);
extern int store_certificate(int argc, WCHAR **argv);
extern int stick(int argc, WCHAR **argv);
extern int fill_state(int argc, WCHAR **argv);
extern int get_ranges(int argc, WCHAR **argv);
extern int watch(int argc, WCHAR **argv);

#endif /* TESTTOOL_H */
