/*
 * The methods of the exchange, taken from the generated descriptors: paths are computed, never
 * typed.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "cix.h"

/* "/cix.v1.ReportService/GetReport"; static storage. */
const char *cix_method_path(enum cix_method method);

const ProtobufCMessageDescriptor *cix_method_request(enum cix_method method);
const ProtobufCMessageDescriptor *cix_method_response(enum cix_method method);
