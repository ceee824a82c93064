/*
 * doctl: resource ids
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

#ifndef DOCTL_RESOURCE_H
#define DOCTL_RESOURCE_H

#define IDS_HELP                100
#define IDS_HELP_GET            101
#define IDS_HELP_STATUS         102
#define IDS_HELP_CONTROL        103
#define IDS_VERSION             104
#define IDS_HELP_MONITOR        105
#define IDS_HELP_EXPLAIN        106
#define IDS_HELP_DOCTOR         107
#define IDS_HELP_HASH           108
#define IDS_HELP_CONFIG         109
#define IDS_HELP_PERF           112
#define IDS_HELP_CACHE_HOST     120
#define IDS_HELP_LOG            130
#define IDS_HELP_SERVICE        131

#define IDS_UNKNOWN_VERB        200
#define IDS_UNKNOWN_OPTION      201
#define IDS_OPTION_VALUE        202
#define IDS_OPTION_NO_VALUE     203
#define IDS_MISSING_ARGUMENT    204
#define IDS_TOO_MANY_ARGUMENTS  205
#define IDS_BAD_URL             206
#define IDS_BAD_SHA256          208
#define IDS_SEE_HELP            210
#define IDS_BAD_TIMEOUT         211
#define IDS_BAD_HEADER          212
#define IDS_HEADER_AND_JOB      213
#define IDS_BAD_INTERVAL        214
#define IDS_BAD_CODE            215
#define IDS_BAD_ACTION          216
#define IDS_BAD_PIECE_SIZE      217
#define IDS_BAD_CONFIG          218
#define IDS_BAD_SETTING         219
#define IDS_BAD_SETTING_VALUE   220
#define IDS_DO_ONLY             221
#define IDS_PHF_AND_BITS        222
#define IDS_BAD_PHF             223
#define IDS_ONE_HASH            224
#define IDS_ONE_FILE            225
#define IDS_BAD_CACHE_HOST      240
#define IDS_BAD_CACHE_URL       241
#define IDS_BAD_CACHE_NAME      242
#define IDS_BAD_SINCE           260
#define IDS_CONFIG_POLICY       261
#define IDS_BAD_SERVICE_ACTION  262
#define IDS_BAD_SERVICE_JSON    263

#define IDS_ERROR               300
#define IDS_ERROR_WITH_SUBJECT  301
#define IDS_UNKNOWN_ERROR       302
#define IDS_NO_SERVICE          303
#define IDS_NO_SUCH_ID          304
#define IDS_AMBIGUOUS_ID        305
#define IDS_SHA256_MISMATCH     306
#define IDS_WAITING             307
#define IDS_INTERRUPTED         308
#define IDS_KEPT                309
#define IDS_CANCELLED           310
#define IDS_NOT_REGISTERED      311
#define IDS_CAUSE               312
#define IDS_NEXT                314
#define IDS_NEXT_STEP_NO_SERVICE 315
#define IDS_EXPLANATION         316
#define IDS_EXPLANATION_NEXT    317
#define IDS_PART_KEPT           318
#define IDS_RESUMED             319
#define IDS_IN_USE              320
#define IDS_LEFT                321

#define IDS_BAR                 400
#define IDS_BAR_UNKNOWN         401
#define IDS_PERCENT_LINE        402
#define IDS_SOURCE_CDN          403
#define IDS_SOURCE_CACHE        404
#define IDS_PERCENT_LINE_NAMED  405

#define IDS_STATUS_HEADER       500
#define IDS_STATUS_HEADER_WIDE  501
#define IDS_STATE               510 /* + BG_JOB_STATE */
#define IDS_FOREGROUND          520
#define IDS_BACKGROUND          521
#define IDS_MORE_ROWS           522

#define IDS_FINDING             600 /* + enum finding */
#define IDS_FINDING_LINE        603
#define IDS_FINDING_NEXT        604
#define IDS_VERDICT_TEXT        605
#define IDS_VERDICT_OK          606
#define IDS_VERDICT_WARNING     607
#define IDS_VERDICT_FAULT       608
#define IDS_CHECK_INSTALLATION  620
#define IDS_CHECK_SERVICE       621
#define IDS_CHECK_POLICY        622
#define IDS_CHECK_FOLDER        623
#define IDS_CHECK_SERVER        624
#define IDS_CHECK_RANGES        625
#define IDS_CHECK_VERSION       626
#define IDS_CHECK_SPEED         627
#define IDS_CHECK_LENGTH        628
#define IDS_CHECK_CACHE         629
#define IDS_FOUND_ERROR            640
#define IDS_FOUND_ERROR_NEXT       641
#define IDS_FOUND_NO_SETUP         642
#define IDS_FOUND_COMPLETE         643
#define IDS_FOUND_INCOMPLETE       644
#define IDS_FOUND_INCOMPLETE_NEXT  645
#define IDS_FOUND_SERVICE          646
#define IDS_FOUND_REJECTED         647
#define IDS_FOUND_REJECTED_NEXT    648
#define IDS_FOUND_LIMIT            649
#define IDS_FOUND_LIMIT_NEXT       650
#define IDS_FOUND_ROOM             651
#define IDS_FOUND_ANSWER           652
#define IDS_FOUND_REDIRECT         653
#define IDS_FOUND_PAGE             654
#define IDS_FOUND_PAGE_NEXT        655
#define IDS_FOUND_RANGES           656
#define IDS_FOUND_NO_RANGES        657
#define IDS_FOUND_NO_RANGES_NEXT   658
#define IDS_FOUND_VERSION          659
#define IDS_FOUND_NO_VERSION       660
#define IDS_FOUND_NO_VERSION_NEXT  661
#define IDS_FOUND_SPEED            662
#define IDS_FOUND_SLOW_NEXT        663
#define IDS_FOUND_LENGTH           664
#define IDS_FOUND_NO_LENGTH        665
#define IDS_FOUND_NO_LENGTH_NEXT   666
#define IDS_FOUND_BYPASS           667
#define IDS_FOUND_STRICT_BYPASS    668
#define IDS_FOUND_BYPASS_NEXT      669
#define IDS_FOUND_CACHE            670
#define IDS_FOUND_NO_CACHE         671
#define IDS_FOUND_NO_CACHE_NEXT    672
#define IDS_FOUND_NO_ROOM          690
#define IDS_FOUND_DEAD             691
#define IDS_FOUND_DEAD_NEXT        692
#define IDS_FOUND_SEARCH           693
#define IDS_FOUND_SEARCH_NEXT      694
#define IDS_CHECK_WINE             695
#define IDS_FOUND_WINE             696
#define IDS_FOUND_OLD_WINE         697
#define IDS_FOUND_OLD_WINE_NEXT    698

#define IDS_DOCUMENT            700
#define IDS_VERIFIED            701
#define IDS_WRONG_PIECE         702
#define IDS_WRONG_PIECES        703
#define IDS_WRONG_LENGTH        704

#define IDS_CONFIG_LINE         710
#define IDS_CONFIG_UNSET        711
#define IDS_CONFIG_NO_EFFECT    712
#define IDS_CONFIG_REJECTED     713

#define IDS_CACHE_NONE          740
#define IDS_CACHE_USED          741
#define IDS_CACHE_BANNED        742
#define IDS_CACHE_BANNED_FOR    743
#define IDS_CACHE_ANSWERS       744
#define IDS_CACHE_REFUSES       745
#define IDS_CACHE_FIELD         746
#define IDS_CACHE_FAILED        747

#define IDS_SERVICE_STATE       760 /* + SERVICE_STOPPED and so on */
#define IDS_SERVICE_LINE        770
#define IDS_SERVICE_PROCESS     771
#define IDS_SERVICE_FAILED      772
#define IDS_SERVICE_DEAD        773

#endif /* DOCTL_RESOURCE_H */
