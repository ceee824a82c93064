# Rules that build one module for one width
#
# Copyright 2026 the dosvc authors
#
# This library is free software; you can redistribute it and/or
# modify it under the terms of the GNU Lesser General Public
# License as published by the Free Software Foundation; either
# version 2.1 of the License, or (at your option) any later version.
#
# This library is distributed in the hope that it will be useful,
# but WITHOUT ANY WARRANTY; without even the implied warranty of
# MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
# Lesser General Public License for more details.
#
# You should have received a copy of the GNU Lesser General Public
# License along with this library; if not, write to the Free Software
# Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
#
# Called by the top-level makefile with srcdir, top (build folder), ARCH and
# DIR. Reads DIR/Makefile.in, which is written as in Wine's tree: MODULE,
# STATICLIB or TESTDLL, IMPORTS, DELAYIMPORTS, EXTRADEFS, EXTRAINCL, PARENTSRC, SOURCES.
# An IDL file says by '#pragma makedep' what it generates.

include $(srcdir)/$(DIR)/Makefile.in

# A module with PARENT is that one under another name: it has its objects and libraries, and in place of the main.c
# and the resources there it has its own.
ifneq ($(PARENT),)
OWN_MODULE  := $(MODULE)
OWN_SOURCES := $(SOURCES)
OWN_FLAGS   := $(EXTRADLLFLAGS)
include $(srcdir)/$(PARENT)/Makefile.in
PARENT_OBJECTS := $(patsubst %.c,$(top)/$(ARCH)/$(PARENT)/%.o,$(filter-out main.c,$(filter %.c,$(SOURCES))))
MODULE    := $(OWN_MODULE)
SOURCES   := $(OWN_SOURCES)
EXTRADLLFLAGS := $(OWN_FLAGS)
EXTRAINCL += $(PARENT)
endif

src = $(srcdir)/$(DIR)
# As in Wine's tree, a source that the module has not is that of another one.
parentsrc = $(addprefix $(src)/,$(PARENTSRC))
out = $(top)/$(ARCH)/$(DIR)
inc = $(top)/$(ARCH)/include

CROSS   = $(ARCH)-w64-mingw32-
WIDL    = $(or $($(ARCH)_WIDL),$(CROSS)widl) -Oicf -I $(srcdir)/include -I $(IDLDIR)
CC      = $(or $($(ARCH)_CC),$(CROSS)gcc)
comma   = ,
NUMBERS = $(subst .,$(comma),$(VERSION)),0
BITS    = $(if $(filter x86_64,$(ARCH)),64,32)

WARNINGS = -Wall -Wextra -Wdeclaration-after-statement -Wempty-body -Wignored-qualifiers -Winit-self \
           -Wmissing-prototypes -Wpointer-arith -Wshadow -Wstrict-prototypes -Wtype-limits -Wunused-but-set-parameter \
           -Wvla -Wwrite-strings -Wlogical-op -Wno-unused-parameter -Wno-missing-field-initializers $(WERROR)
# Tests are compiled in half of the time without optimisation, where gcc does not know how long a text can be.
CFLAGS   = -g $(if $(filter tests/% %/tests,$(DIR)),-O0 -Wno-format-overflow,-O2) -std=gnu99 \
           -ffile-prefix-map=$(srcdir)=. -ffile-prefix-map=$(top)=build -fno-strict-aliasing -fno-omit-frame-pointer
# winnt.h includes all intrinsics of the processor, 40,000 lines, and none is used: without them a file takes between two
# fifths and three quarters of the time.
CPPFLAGS = -D__WINE_PE_BUILD -DUNICODE -D_UNICODE -D_WIN32_WINNT=0x0601 -DWINVER=0x0601 -DNTDDI_VERSION=0x06010000 \
           -D__USE_MINGW_ANSI_STDIO=0 -D_X86INTRIN_H_INCLUDED -D_IMMINTRIN_H_INCLUDED \
           -DDOSVC_VERSION='"$(VERSION)"' -DDOSVC_VERSION_NUMBERS=$(NUMBERS) \
           -I $(src) -I $(out) -I $(inc) -I $(srcdir)/include $(addprefix -I,$(parentsrc)) $(foreach dir,$(EXTRAINCL),-I $(srcdir)/$(dir)) $(EXTRADEFS)
# The base address would be a hash of the path of the output.
LDFLAGS  = -Wl,--no-insert-timestamp -Wl,--disable-auto-image-base -Wl,--enable-stdcall-fixup -Wl,--no-seh \
           -static-libgcc \
           -Wl,--dynamicbase,--nxcompat $(if $(filter 64,$(BITS)),-Wl$(comma)--high-entropy-va)

has = $(shell grep -l 'pragma makedep.*\b$(1)\b' $(addprefix $(src)/,$(filter %.idl,$(SOURCES))) /dev/null)
idls   = $(patsubst $(src)/%.idl,%,$(call has,$(1)))
PROXY  = $(call idls,proxy)
IDENT  = $(call idls,ident)
HEADER = $(call idls,header)

HEADERS = $(addprefix $(out)/,$(addsuffix .h,$(sort $(PROXY) $(HEADER))))
OBJECTS = $(patsubst %.c,$(out)/%.o,$(filter %.c,$(SOURCES))) $(patsubst %.rc,$(out)/%.res.o,$(filter %.rc,$(SOURCES))) \
          $(foreach idl,$(PROXY),$(out)/$(idl)_p.o) $(foreach idl,$(IDENT),$(out)/$(idl)_i.o) \
          $(if $(PROXY),$(out)/dlldata.o) $(if $(TESTDLL),$(out)/testlist.o)
# A test folder has no module of its own; its executable is named after the DLL.
NAME    = $(or $(MODULE),$(STATICLIB),$(if $(TESTDLL),$(basename $(TESTDLL))_test.exe))
SPEC    = $(wildcard $(src)/$(basename $(MODULE)).spec)
# Names with a slash are our own static libraries: libs/NAME. Tests format with
# the functions of wine/debug.h.
LIBS    = $(foreach lib,$(filter libs/%,$(IMPORTS)) $(if $(TESTDLL),libs/compat),$(top)/$(ARCH)/$(lib)/lib$(notdir $(lib)).a)
# The first call into one of DELAYIMPORTS loads it.
DELAYLIBS = $(patsubst %,$(out)/delay/lib%.a,$(DELAYIMPORTS))
# For 32 bits, ld drops the code behind a function that is only called through the table of imports, as if it were not
# needed: the names of these are undefined at first.
KEEP_DELAYED = $$($(CROSS)nm $(OBJECTS) $(PARENT_OBJECTS) | sed -n 's/^ *U __imp__//p' | LC_ALL=C sort -u | \
               grep -Fx $(patsubst %.a,-f %.def,$(DELAYLIBS)) | sed 's/^/-Wl,-u,_/')
SYSLIBS = $(if $(DELAYIMPORTS),-ldelayimp) $(addprefix -l,$(filter-out libs/%,$(IMPORTS)))

all: $(HEADERS) $(if $(NAME),$(out)/$(NAME))

# A source may be in a folder of the module.
$(OBJECTS): $(HEADERS) | $(sort $(dir $(OBJECTS)))

$(sort $(out)/ $(dir $(OBJECTS))):
	@mkdir -p $@

$(out)/%.o: $(src)/%.c $(src)/Makefile.in
	@echo "  CC      $(ARCH)/$(DIR)/$*.c"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -MT $@ -c -o $@ $<

ifneq ($(PARENTSRC),)
# The other module's sources are analysed there.
$(out)/%.o: $(parentsrc)/%.c $(src)/Makefile.in
	@echo "  CC      $(ARCH)/$(DIR)/$*.c"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(filter-out -fanalyzer,$(WARNINGS)) -MMD -MP -MT $@ -c -o $@ $<
endif

$(out)/%.o: $(out)/%.c
	@echo "  CC      $(ARCH)/$(DIR)/$*.c"
	@$(CC) $(CPPFLAGS) $($*_EXTRADEFS) $(CFLAGS) -Wall -Wextra -Wno-unused-parameter $(WERROR) -MMD -MP -MT $@ -c -o $@ $<

# windres hands the definitions to a shell once more.
$(out)/%.res.o: $(src)/%.rc $(src)/Makefile.in $(wildcard $(src)/resource.h $(src)/texts.rh $(srcdir)/dlls/dosvc/texts.rh \
                                              $(srcdir)/include/dosvcerrors.h $(srcdir)/include/wine/*.rc)
	@echo "  RC      $(ARCH)/$(DIR)/$*.rc"
	@$(CROSS)windres -c 65001 $(filter-out -DDOSVC_VERSION=%,$(filter -D%,$(CPPFLAGS))) \
	    -DDOSVC_VERSION='\"$(VERSION)\"' -I $(srcdir)/include -I $(src) $(foreach dir,$(EXTRAINCL),-I $(srcdir)/$(dir)) \
	    -o $@ $<

$(out)/%.h: $(src)/%.idl $(wildcard $(srcdir)/include/*.idl) | $(out)/
	@echo "  WIDL    $(ARCH)/$(DIR)/$*.h"
	@$(WIDL) -I $(src) -h -o $@ $<

$(out)/%_p.c: $(src)/%.idl $(srcdir)/tools/fixwidl $(wildcard $(srcdir)/include/*.idl) | $(out)/
	@$(WIDL) -I $(src) -p -o $@ $<
	@$(PERL) $(srcdir)/tools/fixwidl $@

$(out)/%_i.c: $(src)/%.idl $(wildcard $(srcdir)/include/*.idl) | $(out)/
	@$(WIDL) -I $(src) -u -o $@ $<

$(out)/dlldata.c: $(src)/Makefile.in | $(out)/
	@$(WIDL) --dlldata-only -o $@ $(PROXY)

# The table of test functions, as Wine's build makes it.
$(out)/testlist.c: $(src)/Makefile.in | $(out)/
	@{ echo '#define WIN32_LEAN_AND_MEAN'; echo '#include <windows.h>'; echo '#define STANDALONE'; \
	   echo '#include "wine/test.h"'; \
	   for test in $(basename $(filter %.c,$(SOURCES))); do echo "extern void func_$$test(void);"; done; \
	   echo 'const struct test winetest_testlist[] = {'; \
	   for test in $(basename $(filter %.c,$(SOURCES))); do echo "    { \"$$test\", func_$$test },"; done; \
	   echo '    { 0, 0 }'; echo '};'; } > $@

$(out)/%.def: $(src)/%.spec | $(out)/
	@awk 'BEGIN { print "EXPORTS" } /^@/ { name = $$0; sub(/\(.*/, "", name); n = split(name, w, " "); \
	      print "    " w[n] (name ~ /-private/ ? " PRIVATE" : "") }' $< > $@

# mingw-w64 has no import libraries for delayed loading; its usual ones know the names.
$(out)/delay/lib%.a:
	@mkdir -p $(@D)
	@{ echo 'LIBRARY $*.dll'; echo EXPORTS; $(CROSS)nm $$($(CC) -print-file-name=lib$*.a) 2>/dev/null | \
	   sed -n 's/^[0-9a-f]* T $(if $(filter 32,$(BITS)),_)//p' | LC_ALL=C sort; } > $(@:.a=.def)
	@cd $(@D) && $(CROSS)dlltool -k -d lib$*.def -y lib$*.a

ifneq ($(STATICLIB),)
$(out)/$(NAME): $(OBJECTS)
	@rm -f $@
	@$(CROSS)ar rcsD $@ $^
else ifneq ($(NAME),)
# The debugging information goes to a file beside the stripped module. These
# tools would put the time into it.
$(out)/$(NAME): $(OBJECTS) $(PARENT_OBJECTS) $(LIBS) $(DELAYLIBS) $(patsubst $(src)/%.spec,$(out)/%.def,$(SPEC))
	@echo "  LINK    $(ARCH)/$(DIR)/$(NAME)"
	@$(CC) $(if $(SPEC),-shared) $(filter -m% -Wl%,$(EXTRADLLFLAGS)) $(LDFLAGS) $(if $(DELAYIMPORTS),$(KEEP_DELAYED)) -o $@.tmp $^ $(SYSLIBS)
	@SOURCE_DATE_EPOCH=0 $(CROSS)objcopy --only-keep-debug $@.tmp $@.debug
	@SOURCE_DATE_EPOCH=0 $(CROSS)strip -o $@ $@.tmp
	@rm -f $@.tmp
endif

-include $(OBJECTS:.o=.d)

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all
