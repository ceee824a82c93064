/*
 * Error codes of Delivery Optimization
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

#ifndef __DELIVERYOPTIMIZATIONERRORS_H
#define __DELIVERYOPTIMIZATIONERRORS_H

/* Facility 208, severity error. The values and names are those of the public
 * documentation (do-return-values) and of the SDK header of this name. */

#define FACILITY_DELIVERY_OPTIMIZATION                  208

/* Zones: the four bits below 0x8000 tell which part of the service failed;
 * a code of the transient zone describes a condition that may pass. */
#define DO_ZONE_MASK                                    0xf000
#define DO_TRANSIENT_ZONE_MASK                          0xf800
#define DO_TRANSIENT_ZONE                               0x3800

#define DO_E_NO_SERVICE                                 ((HRESULT)0x80d01001)

#define DO_E_DOWNLOAD_NO_PROGRESS                       ((HRESULT)0x80d02002)
#define DO_E_JOB_NOT_FOUND                              ((HRESULT)0x80d02003)
#define DO_E_JOB_EMPTY                                  ((HRESULT)0x80d02004)
#define DO_E_NO_DOWNLOADS                               ((HRESULT)0x80d02005)
#define DO_E_MEMORYSTREAM_DOWNLOAD_NOT_SUPPORTED        ((HRESULT)0x80d0200b)
#define DO_E_JOB_TOO_OLD                                ((HRESULT)0x80d0200c)
#define DO_E_LOCALPATH_NOT_SET                          ((HRESULT)0x80d0200d)
#define DO_E_FILE_NOT_AVAILABLE                         ((HRESULT)0x80d02010)
#define DO_E_UNKNOWN_PROPERTY_ID                        ((HRESULT)0x80d02011)
#define DO_E_READ_ONLY_PROPERTY                         ((HRESULT)0x80d02012)
#define DO_E_INVALID_STATE                              ((HRESULT)0x80d02013)
#define DO_E_ERROR_INFORMATION_UNAVAILABLE              ((HRESULT)0x80d02014)
#define DO_E_WRITE_ONLY_PROPERTY                        ((HRESULT)0x80d02015)
#define DO_E_INTEGRITYCHECKINFO_UNSPECIFIED             ((HRESULT)0x80d02016)
#define DO_E_INTEGRITYCHECKINFO_UNAVAILABLE             ((HRESULT)0x80d02017)
#define DO_E_FILE_DOWNLOADSINK_UNSPECIFIED              ((HRESULT)0x80d02018)
#define DO_E_FILE_DOWNLOADSINK_ALREADY_SET              ((HRESULT)0x80d02019)
#define DO_E_FILE_SIZE_UNKNOWN_HTTP_200                 ((HRESULT)0x80d0201a)
#define DO_E_FILE_ENCRYPTION_EXPECTED                   ((HRESULT)0x80d0201b)
#define DO_E_FILE_SIZE_UNKNOWN_HTTP_206                 ((HRESULT)0x80d0201c)
#define DO_E_FILE_SIZE_UNKNOWN_HTTP_2XX                 ((HRESULT)0x80d0201d)
#define DO_E_NETWORK_ACCESS_CONSENT_NEEDED              ((HRESULT)0x80d0201e)
#define DO_E_DOWNLOAD_NO_URI                            ((HRESULT)0x80d02200)
#define DO_E_DOWNLOAD_NO_CONTENT_ID                     ((HRESULT)0x80d02201)
#define DO_E_INVALID_CONTENT_ID                         ((HRESULT)0x80d02202)
#define DO_E_DOWNLOAD_RANGES_UNEXPECTED                 ((HRESULT)0x80d02203)
#define DO_E_DOWNLOAD_RANGES_EXPECTED                   ((HRESULT)0x80d02204)

#define DO_E_NO_DOWNLOAD_PARTICIPATION                  ((HRESULT)0x80d03001)
#define DO_E_NO_DOWNLOAD_EXTSETTINGS                    ((HRESULT)0x80d03002)

#define DO_E_BLOCKED_BY_COST_TRANSFER_POLICY            ((HRESULT)0x80d03801)
#define DO_E_DOWNLOADMODE_SET_BY_CP                     ((HRESULT)0x80d03802)
#define DO_E_BLOCKED_BY_CELLULAR_POLICY                 ((HRESULT)0x80d03803)
#define DO_E_BLOCKED_BY_POWER_STATE                     ((HRESULT)0x80d03804)
#define DO_E_BLOCKED_BY_NO_NETWORK                      ((HRESULT)0x80d03805)
#define DO_E_DOWNLOADMODE_SET_BY_POLICY                 ((HRESULT)0x80d03806)
#define DO_E_BLOCKED_BY_VPN_POLICY                      ((HRESULT)0x80d03807)
#define DO_E_BLOCKED_BY_CRITICAL_MEMORY_USAGE           ((HRESULT)0x80d03808)
#define DO_E_DOWNLOADMODE_SET_BY_CACHE_ABSENCE          ((HRESULT)0x80d03809)
#define DO_E_CLOUD_SERVICES_UNREACHABLE                 ((HRESULT)0x80d0380a)
#define DO_E_DOWNLOADMODE_SET_FOR_UNREG_CALLER          ((HRESULT)0x80d0380b)
#define DO_E_DOWNLOADMODE_SET_FOR_SIMPLE_RANGES         ((HRESULT)0x80d0380c)
#define DO_E_UNEXPECTED_HTTP_STATUS_2XX                 ((HRESULT)0x80d0380d)

#define DO_E_HTTP_BLOCKSIZE_MISMATCH                    ((HRESULT)0x80d05001)
#define DO_E_HTTP_CERT_VALIDATION                       ((HRESULT)0x80d05002)
#define DO_E_INVALID_RANGE                              ((HRESULT)0x80d05010)
#define DO_E_INSUFFICIENT_RANGE_SUPPORT                 ((HRESULT)0x80d05011)
#define DO_E_OVERLAPPING_RANGES                         ((HRESULT)0x80d05012)

#define DO_E_UPLOADING_BAD_PIECES                       ((HRESULT)0x80d06800)
#define DO_E_FATAL_CORE_ERROR                           ((HRESULT)0x80d06802)
#define DO_E_SERVICES_RESPONSE_EMPTY                    ((HRESULT)0x80d06803)
#define DO_E_BAD_INCOMING_DATA                          ((HRESULT)0x80d06804)
#define DO_E_BAD_PIECE_HASH                             ((HRESULT)0x80d06805)
#define DO_E_BAD_PIECE_HASH_NO_BAN                      ((HRESULT)0x80d06806)
#define DO_E_ALREADY_HAVE_PIECE                         ((HRESULT)0x80d06807)
#define DO_E_MISSING_PIECE                              ((HRESULT)0x80d06808)
#define DO_E_METAINFO_CONTENT                           ((HRESULT)0x80d06809)
#define DO_E_METAINFO_VERSION                           ((HRESULT)0x80d0680a)
#define DO_E_SWARM_NOT_RUNNING                          ((HRESULT)0x80d0680b)
#define DO_E_UNRECOGNIZED_CONN                          ((HRESULT)0x80d0680c)
#define DO_E_PEER_BANNED                                ((HRESULT)0x80d0680d)
#define DO_E_CONNECT_TO_SELF                            ((HRESULT)0x80d0680e)
#define DO_E_ALREADY_CONNECTED                          ((HRESULT)0x80d0680f)
#define DO_E_NO_MORE_CONNECTIONS                        ((HRESULT)0x80d06810)
#define DO_E_LOST_CONNECTION                            ((HRESULT)0x80d06811)
#define DO_E_UNRECOGNIZED_SWARM                         ((HRESULT)0x80d06812)
#define DO_E_INVALID_HANDSHAKE_LEN                      ((HRESULT)0x80d06813)
#define DO_E_SOCKET_CLOSED                              ((HRESULT)0x80d06814)
#define DO_E_PEER_MSG_TOO_LONG                          ((HRESULT)0x80d06815)
#define DO_E_INVALID_PEER_MSG                           ((HRESULT)0x80d06816)
#define DO_E_PEER_IS_UPLOAD                             ((HRESULT)0x80d06817)
#define DO_E_PIN_FAIL_NO_PEERING                        ((HRESULT)0x80d06818)
#define DO_E_DELETE_PINNED_SWARM                        ((HRESULT)0x80d06819)
#define DO_E_METAINFO_DIGEST_MATCH                      ((HRESULT)0x80d0681a)
#define DO_E_METAINFO_HOH_MATCH                         ((HRESULT)0x80d0681b)
#define DO_E_METAINFO_HOH_FINAL_MATCH                   ((HRESULT)0x80d0681c)
#define DO_E_METAINFO_CONTENT_LENGTH                    ((HRESULT)0x80d0681d)
#define DO_E_METAINFO_PIECE_SIZE                        ((HRESULT)0x80d0681e)
#define DO_E_METAINFO_PARSE_HOH                         ((HRESULT)0x80d0681f)
#define DO_E_METAINFO_PARSE_PIECEHASHES                 ((HRESULT)0x80d06820)
#define DO_E_METAINFO_PARSE_ONE_PIECEHASH               ((HRESULT)0x80d06821)
#define DO_E_METAINFO_FILE_SIZE                         ((HRESULT)0x80d06822)

#endif /* __DELIVERYOPTIMIZATIONERRORS_H */
