#include <saker/http/features/static_files.hpp>

#include <string>

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(has_fingerprint, knows_the_names_of_build_tools) {
  for (std::string_view path : {
           // .NET
           "dotnet.native.8kcnm3a4sf.wasm",
           "_framework/blazor.webassembly.66stpp682q.js",
           "_framework/icudt_EFIGS.tptq2av103.dat",
           "app.da95v2qkru.css",
           // webpack and its like
           "main.3f2a8b7c.js",
           "static/js/main.3f2a8b7c.chunk.js",
           "main.3f2a8b7c.js.map",
           "polyfills.0a1b2c3d4e5f60718293.js",
           "logo-3f2a8b7c.svg",
           "runtime.es-3f2a8b7c.js",
           // Vite and Rollup
           "index-B3fQ2k1z.js",
           "/assets/index-B3fQ2k1z.css",
           "vendor-react-B_fQ2k1z.js",
           "index-B3fQ2k1z.js.map",
       }) {
    EXPECT_TRUE(has_fingerprint(path)) << path;
  }
  EXPECT_TRUE(has_fingerprint("a." + std::string(63, 'a') + "1.js"));
}

TEST(has_fingerprint, takes_no_other_name_for_one) {
  for (std::string_view path : {
           "",
           "/",
           ".",
           "-.",
           "index.html",
           "jquery-1.12.4.min.js",
           "jquery.validate12.js",
           "dataTables.bootstrap5.min.css",
           "panorama.360degrees.jpg",
           "report-20240131.pdf",
           "report.20240131.pdf",
           "backup.1700000000.json",
           "backup-20240131123456.tar.gz",
           "photo-holidays.jpg",
           "photo-Holidays.jpg",
           "photo-Trip2023.jpg",
           "photo-2023Trip.jpg",
           "photo-Bob_2024.jpg",
           "photo-Bob-2024.jpg",
           "book-Chapter1.pdf",
           "caps-ABCD2EFG.js",
           // Not where it belongs, or of another size.
           "8kcnm3a4sf.wasm",
           "3f2a8b7c.js",
           "main.3f2a8b7c",
           "index-B3fQ2k1z",
           "main.3f2a8b7c/app.js",
           "index-B3fQ2k1z/app.js",
           "main.3f2a8b7.js",
           "main.3F2A8B7C.js",
           "dotnet.8kcnm3a4s.wasm",
           "dotnet.8kcnm3a4sfx.wasm",
           "dotnet-8kcnm3a4sf.wasm",
           "index-B3fQ2k1.js",
           "index-B3fQ2k1zz.js",
           "index.B3fQ2k1z.js",
           "index-B3fQ2k1\xc3.js",
       }) {
    EXPECT_FALSE(has_fingerprint(path)) << path;
  }
  EXPECT_FALSE(has_fingerprint("a." + std::string(64, 'a') + "1.js"));
}

TEST(has_fingerprint, takes_long_names) {
  EXPECT_FALSE(has_fingerprint(std::string(1'000'000, '.')));
  EXPECT_FALSE(has_fingerprint(std::string(1'000'000, '-') + ".js"));
}

}  // namespace
}  // namespace saker
