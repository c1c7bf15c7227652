/*
 * The descriptor set carried in the binary, walked where it lies: which file declares what.
 *
 * For reflection. Nothing is indexed: a question walks some 50 KB, and questions are rare.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"

enum { DESCRIPTOR_FILE_MAX = 64 }; /* so that a set of files fits a word */

/* How many files the set has; at most DESCRIPTOR_FILE_MAX. */
int descriptors_count(void);

/* One file, a packed google.protobuf.FileDescriptorProto. index: 0 to descriptors_count() - 1. */
struct bytes descriptors_file(int index);

/* The file of that name; -1 when there is none. */
int descriptors_by_name(const char *name);

/* The file that declares the message, field, enum, service or method of that full name; or -1. */
int descriptors_by_symbol(const char *symbol);

/* The file and all it imports, over all steps: bit i stands for file i. */
uint64_t descriptors_closure(int index);
