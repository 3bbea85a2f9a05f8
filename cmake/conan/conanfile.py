# SPDX-License-Identifier: BSL-1.0
"""Packs the sources that this file stands among: conan create cmake/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class ToroConan(ConanFile):
    name = "toro"
    description = "Synchronization primitives and queues for Boost.Asio"
    license = "BSL-1.0"
    topics = ("asio", "coroutines", "synchronization")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True}
    implements = ["auto_shared_fpic"]

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        path = os.path.join(self._root, "include", "toro", "version.hpp")
        parts = re.findall(r"^#define TORO_VERSION_[A-Z]+ (\d+)$",
                           load(self, path), re.MULTILINE)
        self.version = ".".join(parts)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*",
                        "src/*"):
            copy(self, pattern, self._root, self.export_sources_folder,
                 excludes="cmake/conan/*")

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # The headers include Boost's.
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["TORO_BUILD_TESTS"] = False
        toolchain.cache_variables["TORO_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder,
             os.path.join(self.package_folder, "licenses"))
        # Conan writes files of this kind for those who use the package.
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):
            rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "toro")
        self.cpp_info.set_property("cmake_config_version_compat",
                                   "SameMinorVersion")
        # The name of the whole is that of no module.
        self.cpp_info.set_property("cmake_target_name", "toro::all")
        self.cpp_info.set_property("pkg_config_name", "toro-all")

        toro = self.cpp_info.components["toro"]
        toro.libs = ["toro"]
        toro.requires = ["boost::headers"]
        toro.set_property("cmake_target_name", "toro::toro")
        toro.set_property("pkg_config_name", "toro")
        if self.settings.os in ("Linux", "FreeBSD"):
            toro.system_libs = ["pthread"]

        testing = self.cpp_info.components["testing"]
        testing.libs = ["toro_testing"]
        testing.requires = ["toro"]
        testing.set_property("cmake_target_name", "toro::testing")
        testing.set_property("pkg_config_name", "toro-testing")
