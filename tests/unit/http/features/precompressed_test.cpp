#include <saker/http/features/static_files.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/inotify.h>
#endif

#include "io/file.hpp"
#include "unit/http/features/site_fixture.hpp"

namespace saker {
namespace {

namespace fs = std::filesystem;
using test::field_list;
using test::memory_protocol;
using test::set_modified;
using test::write_file;

constexpr std::string_view usual = "gzip, deflate, br, zstd";

class precompressed_test : public test::site_fixture {
 protected:
  precompressed_test() {
    write_file(root / "app.js", "original");
    write_file(root / "app.js.br", "brotli bytes");
    write_file(root / "app.js.zst", "zstd bytes");
    write_file(root / "app.js.gz", "gzip bytes");
  }

  void ask(memory_protocol& exchange) { serve(static_files(options()), exchange); }

  /// What comes, and its coding.
  std::string get_with(std::string_view accept_encoding, const std::string& target = "/app.js") {
    memory_protocol exchange("GET", target, {{"Accept-Encoding", std::string(accept_encoding)}});
    ask(exchange);
    EXPECT_EQ(exchange.status(), 200);
    EXPECT_EQ(exchange.answer().get("Content-Length"), std::to_string(exchange.content().size()));
    return exchange.content() + "|" + std::string(exchange.answer().get("Content-Encoding"));
  }
};

const std::string as_it_is = "original|", as_br = "brotli bytes|br", as_zstd = "zstd bytes|zstd",
                  as_gzip = "gzip bytes|gzip";

TEST_F(precompressed_test, sends_what_the_client_likes_best) {
  for (const auto& [accept_encoding, wanted] : {
           std::pair(usual, as_br),
           {"gzip", as_gzip},
           {"x-gzip", as_gzip},
           {"GZIP, deflate", as_gzip},
           {"gzip, zstd", as_zstd},
           {"*", as_br},
           {"*;q=0.1", as_br},
           {"br;q=0, *", as_zstd},
           {"gzip;q=1.0, br;q=0.9", as_gzip},
           {"gzip;q=0.5, zstd;q=0.5", as_zstd},
           {"br;q=0.001", as_br},
           {"gzip;q=0.5, identity;q=0.5", as_gzip},
           {"gzip;q=0.5, identity", as_it_is},
           {"identity;q=1, *;q=0", as_it_is},
           {"identity", as_it_is},
           {"deflate", as_it_is},
           {"", as_it_is},
           {"gzip;q=0", as_it_is},
           {"*;q=0", as_it_is},
           {"identity;q=0", as_it_is},
           {"identity;q=0, *;q=0.1", as_br},
       }) {
    EXPECT_EQ(get_with(accept_encoding), wanted) << accept_encoding;
  }
}

TEST_F(precompressed_test, several_fields_are_one_list) {
  memory_protocol exchange("GET", "/app.js",
                           {{"Accept-Encoding", "gzip;q=0.5"}, {"Accept-Encoding", "zstd"}});
  ask(exchange);
  EXPECT_EQ(exchange.content(), "zstd bytes");
}

TEST_F(precompressed_test, garbage_is_no_coding) {
  for (const auto& accept_encoding :
       {std::string(8 * 1024, 'x'), std::string(8 * 1024, ','), std::string(8 * 1024, ';'),
        std::string(8 * 1024, '"'), std::string("gzip\\"), std::string("\"gzip\""),
        std::string("gzip br"), std::string("q=1;gzip"), std::string(";q=1"), std::string("**"),
        std::string("\xff\xfe")}) {
    EXPECT_EQ(get_with(accept_encoding), as_it_is) << accept_encoding.substr(0, 20);
  }
}

TEST_F(precompressed_test, a_coding_among_thousands_is_found) {
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "x" + std::to_string(i) + ";q=0.5,";
  EXPECT_EQ(get_with(many + "gzip;q=0.1"), as_gzip);
}

TEST_F(precompressed_test, a_broken_weight_is_none) {
  EXPECT_EQ(get_with("gzip;q="), as_gzip);
  EXPECT_EQ(get_with("gzip;q=high, br;q=0.9"), as_gzip);
  EXPECT_EQ(get_with("gzip;q=0.5;q=0, br;q=0.4"), as_gzip);
}

TEST_F(precompressed_test, describes_the_original_and_the_bytes) {
  memory_protocol exchange("GET", "/app.js", {{"Accept-Encoding", "br"}});
  ask(exchange);
  EXPECT_EQ(exchange.answer().get("Content-Type"), "text/javascript");
  EXPECT_EQ(exchange.answer().get("Content-Encoding"), "br");
  EXPECT_EQ(exchange.answer().get("Content-Length"), "12");
  EXPECT_EQ(exchange.answer().get("Vary"), "Accept-Encoding");
  EXPECT_EQ(exchange.answer().get("Accept-Ranges"), "bytes");
}

TEST_F(precompressed_test, head_is_as_get) {
  memory_protocol get("GET", "/app.js", {{"Accept-Encoding", "br"}}),
      head("HEAD", "/app.js", {{"Accept-Encoding", "br"}});
  ask(get);
  ask(head);
  EXPECT_EQ(head.content(), "");
  for (const auto* name :
       {"Content-Type", "Content-Encoding", "Content-Length", "Vary", "ETag", "Last-Modified"}) {
    EXPECT_TRUE(head.answer().contains(name)) << name;
    EXPECT_EQ(head.answer().get(name), get.answer().get(name)) << name;
  }
}

TEST_F(precompressed_test, all_answers_of_a_file_with_a_sibling_vary) {
  fs::remove(root / "app.js.br");
  fs::remove(root / "app.js.zst");
  for (const auto& fields :
       {field_list{}, field_list{{"Accept-Encoding", "br"}},
        field_list{{"Accept-Encoding", "gzip"}}, field_list{{"Accept-Encoding", "gzip;q=0.5, br"}},
        field_list{{"Accept-Encoding", "identity"}}, field_list{{"Range", "bytes=0-1"}},
        field_list{{"If-None-Match", "*"}}, field_list{{"If-Match", "\"other\""}},
        field_list{{"Range", "bytes=100-"}},
        field_list{{"Accept-Encoding", "gzip;q=0.2, br;q=0.1, identity;q=0.15"}}}) {
    memory_protocol exchange("GET", "/app.js", fields);
    ask(exchange);
    EXPECT_EQ(exchange.answer().get("Vary"), "Accept-Encoding") << exchange.status();
  }
}

TEST_F(precompressed_test, the_best_there_is_need_not_be_as_good_as_the_file) {
  fs::remove(root / "app.js.br");
  fs::remove(root / "app.js.zst");
  EXPECT_EQ(get_with("br, identity;q=0.5, gzip;q=0.2"), as_it_is);
  EXPECT_EQ(get_with("br, gzip;q=0.5, identity;q=0.2"), as_gzip);
  EXPECT_EQ(get_with("br"), as_it_is);
}

TEST_F(precompressed_test, a_file_without_siblings_does_not_vary) {
  memory_protocol exchange("GET", "/hello.txt", {{"Accept-Encoding", std::string(usual)}});
  ask(exchange);
  EXPECT_EQ(exchange.content(), "0123456789");
  EXPECT_FALSE(exchange.answer().contains("Vary"));
  EXPECT_FALSE(exchange.answer().contains("Content-Encoding"));
}

TEST_F(precompressed_test, keeps_what_answers_varied_by_before) {
  const std::vector<std::pair<std::string, std::vector<std::string_view>>> cases = {
      {"Origin", {"Origin", "Accept-Encoding"}},
      {"origin, accept-encoding", {"origin", "accept-encoding"}},
      {"*", {"*"}},
  };
  for (const auto& [before, after] : cases) {
    memory_protocol exchange("GET", "/app.js", {{"Accept-Encoding", "br"}});
    exchange.context().response().headers().add("Vary", before);
    ask(exchange);
    EXPECT_EQ(exchange.answer().list("Vary"), after);
  }
}

TEST_F(precompressed_test, each_representation_has_its_own_strong_etag) {
  // Same size, same time.
  const std::string date = "Sat, 01 Jan 2000 00:00:00 GMT";
  for (const auto* name : {"app.js", "app.js.br", "app.js.zst", "app.js.gz"}) {
    write_file(root / name, "same size");
    set_modified(root / name, date);
  }
  std::vector<std::string> etags;
  for (const auto* accept_encoding : {"identity", "br", "zstd", "gzip"}) {
    memory_protocol exchange("GET", "/app.js", {{"Accept-Encoding", accept_encoding}});
    ask(exchange);
    const std::string etag(exchange.answer().get("ETag"));
    EXPECT_TRUE(etag.starts_with('"') && etag.ends_with('"')) << etag;
    for (const auto& other : etags) EXPECT_NE(etag, other);
    etags.push_back(etag);

    memory_protocol again("GET", "/app.js",
                          {{"Accept-Encoding", accept_encoding}, {"If-None-Match", etag}});
    ask(again);
    EXPECT_EQ(again.status(), 304);
    EXPECT_EQ(again.answer().get("ETag"), etag);
    EXPECT_FALSE(again.answer().contains("Content-Encoding"));

    memory_protocol other("GET", "/app.js",
                          {{"Accept-Encoding", accept_encoding}, {"If-None-Match", etags.front()}});
    ask(other);
    EXPECT_EQ(other.status(), etags.size() == 1 ? 304 : 200);
  }
}

TEST_F(precompressed_test, ranges_count_in_the_bytes_that_are_sent) {
  memory_protocol whole("GET", "/app.js", {{"Accept-Encoding", "br"}});
  ask(whole);
  const std::string etag(whole.answer().get("ETag"));
  memory_protocol part("GET", "/app.js",
                       {{"Accept-Encoding", "br"}, {"Range", "bytes=7-"}, {"If-Range", etag}});
  ask(part);
  EXPECT_EQ(part.status(), 206);
  EXPECT_EQ(part.content(), "bytes");
  EXPECT_EQ(part.answer().get("Content-Range"), "bytes 7-11/12");
  EXPECT_EQ(part.answer().get("Content-Encoding"), "br");
  EXPECT_EQ(part.answer().get("Content-Type"), "text/javascript");
  EXPECT_EQ(part.answer().get("ETag"), etag);

  // Bytes of one representation are no use to who has the beginning of another.
  memory_protocol other("GET", "/app.js", {{"Range", "bytes=7-"}, {"If-Range", etag}});
  ask(other);
  EXPECT_EQ(other.status(), 200);
  EXPECT_EQ(other.content(), "original");

  memory_protocol beyond("GET", "/app.js", {{"Accept-Encoding", "br"}, {"Range", "bytes=12-"}});
  ask(beyond);
  EXPECT_EQ(beyond.status(), 416);
  EXPECT_EQ(beyond.answer().get("Content-Range"), "bytes */12");
  EXPECT_FALSE(beyond.answer().contains("Content-Encoding"));
}

TEST_F(precompressed_test, several_ranges_of_compressed_bytes_are_all_of_them) {
  const std::pair<std::string, std::string> ranges{"Range", "bytes=0-1,4-5"};
  memory_protocol compressed("GET", "/app.js", {{"Accept-Encoding", "br"}, ranges}),
      plain("GET", "/app.js", {ranges});
  ask(compressed);
  ask(plain);
  EXPECT_EQ(compressed.status(), 200);
  EXPECT_EQ(compressed.content(), "brotli bytes");
  EXPECT_EQ(plain.status(), 206);
}

TEST_F(precompressed_test, a_stale_sibling_is_none) {
  set_modified(root / "app.js", "Sat, 01 Jan 2000 00:00:10 GMT");
  set_modified(root / "app.js.br", "Sat, 01 Jan 2000 00:00:09 GMT");
  set_modified(root / "app.js.zst", "Sat, 01 Jan 2000 00:00:10 GMT");
  EXPECT_EQ(get_with(usual), as_zstd);
  fs::remove(root / "app.js.zst");
  fs::remove(root / "app.js.gz");
  EXPECT_EQ(get_with(usual), as_it_is);
}

#if defined(__linux__)

/// What is opened in a folder, by name; the folder itself, to list it, is empty.
class open_watch {
 public:
  explicit open_watch(const fs::path& folder) : watch_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(::inotify_add_watch(watch_.get(), folder.c_str(), IN_OPEN), 0);
  }

  std::vector<std::string> take() {
    alignas(inotify_event) char events[4096];
    const auto size = ::read(watch_.get(), events, sizeof events);
    std::vector<std::string> names;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(events + at);
      names.emplace_back(event->len > 0 ? event->name : "");
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
    return names;
  }

 private:
  http::descriptor watch_;
};

TEST_F(precompressed_test, opens_no_more_than_it_has_to) {
  using names = std::vector<std::string>;
  open_watch opened(root);
  memory_protocol exchange("GET", "/app.js");
  ask(exchange);
  EXPECT_EQ(opened.take(), names{"app.js"});
  for (const auto* accept_encoding : {"", "identity", "identity;q=1, *;q=0", "deflate"}) {
    get_with(accept_encoding);
    EXPECT_EQ(opened.take(), names{"app.js"}) << accept_encoding;
  }
  get_with(usual);
  EXPECT_EQ(opened.take(), (names{"app.js", "app.js.br"}));
}

#endif

TEST_F(precompressed_test, the_original_decides) {
  fs::remove(root / "app.js");
  memory_protocol exchange("GET", "/app.js", {{"Accept-Encoding", "br"}});
  ask(exchange);
  EXPECT_EQ(exchange.status(), 299);

  write_file(root / "data.unknown.br", "brotli bytes");
  memory_protocol unknown("GET", "/data.unknown", {{"Accept-Encoding", "br"}});
  ask(unknown);
  EXPECT_EQ(unknown.status(), 299);
}

TEST_F(precompressed_test, a_sibling_can_be_asked_for_itself) {
  memory_protocol exchange("GET", "/app.js.br", {{"Accept-Encoding", "br"}});
  ask(exchange);
  EXPECT_EQ(exchange.content(), "brotli bytes");
  EXPECT_EQ(exchange.answer().get("Content-Type"), "application/x-br");
  EXPECT_FALSE(exchange.answer().contains("Content-Encoding"));
}

TEST_F(precompressed_test, siblings_obey_the_rules_of_all_files) {
  for (const auto* name : {"app.js.br", "app.js.zst"}) fs::remove(root / name);
  fs::create_symlink(base / "secret.txt", root / "app.js.br");
  ASSERT_EQ(::mkfifo((root / "app.js.zst").c_str(), 0600), 0);
  EXPECT_EQ(get_with(usual), as_gzip);
  fs::remove(root / "app.js.gz");
  fs::create_directory(root / "app.js.gz");
  EXPECT_EQ(get_with(usual), as_it_is);

  write_file(root / ".env.br", "hidden");
  memory_protocol hidden("GET", "/.env", {{"Accept-Encoding", "br"}});
  ask(hidden);
  EXPECT_EQ(hidden.status(), 299);
}

TEST_F(precompressed_test, a_sibling_that_cannot_be_opened_is_passed_over) {
  fs::remove(root / "app.js.br");
  fs::create_symlink("app.js.br", root / "app.js.br");
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(get_with("br"), as_it_is);
  EXPECT_EQ(get_with(usual), as_zstd);
  ::testing::internal::GetCapturedStdout();
}

TEST_F(precompressed_test, names_that_become_too_long_have_no_sibling) {
  const std::string name = std::string(252, 'a') + ".js";
  write_file(root / name, "original");
  EXPECT_EQ(get_with(usual, "/" + name), as_it_is);
}

TEST_F(precompressed_test, can_be_turned_off) {
  auto off = options();
  off.precompressed = false;
  memory_protocol exchange("GET", "/app.js", {{"Accept-Encoding", "br"}});
  serve(static_files(off), exchange);
  EXPECT_EQ(exchange.content(), "original");
  EXPECT_FALSE(exchange.answer().contains("Vary"));
}

TEST_F(precompressed_test, siblings_are_cached_like_their_file) {
  write_file(root / "app.3f2a8b7c.js", "original");
  write_file(root / "app.3f2a8b7c.js.br", "brotli bytes");
  auto own = options();
  own.immutable_files = has_fingerprint;
  memory_protocol exchange("GET", "/app.3f2a8b7c.js", {{"Accept-Encoding", "br"}});
  serve(static_files(own), exchange);
  EXPECT_EQ(exchange.content(), "brotli bytes");
  EXPECT_EQ(exchange.answer().get("Cache-Control"), "public, max-age=31536000, immutable");
}

}  // namespace
}  // namespace saker
