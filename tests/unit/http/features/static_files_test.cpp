#include <saker/http/features/static_files.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <saker/http/message/error.hpp>

#include "http/features/served_path.hpp"
#include "http/message/http_date.hpp"
#include "io/open_beneath.hpp"
#include "support/no_descriptors.hpp"
#include "unit/http/features/site_fixture.hpp"

namespace saker {
namespace {

namespace fs = std::filesystem;
using test::field_list;
using test::memory_protocol;
using test::set_modified;
using test::write_file;

using static_files_test = test::site_fixture;

TEST_F(static_files_test, serves_a_file_with_its_headers) {
  memory_protocol exchange("GET", "/hello.txt");
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.content(), "0123456789");
  EXPECT_EQ(exchange.answer().get("Content-Type"), "text/plain");
  EXPECT_EQ(exchange.answer().get("Content-Length"), "10");
  EXPECT_EQ(exchange.answer().get("Accept-Ranges"), "bytes");
  EXPECT_TRUE(http::parse_http_date(exchange.answer().get("Last-Modified")));
  auto etag = exchange.answer().get("ETag");
  EXPECT_TRUE(etag.size() > 2 && etag.front() == '"' && etag.back() == '"') << etag;
  EXPECT_FALSE(exchange.answer().contains("Cache-Control"));
}

TEST_F(static_files_test, serves_files_in_folders) { EXPECT_EQ(get("/css/site.css"), "body{}"); }

TEST_F(static_files_test, finds_names_with_escaped_characters) {
  write_file(root / "a b+\xc3\xa4%.txt", "named");
  EXPECT_EQ(get("/a%20b+%C3%A4%25.txt"), "named");
}

TEST_F(static_files_test, etag_changes_with_the_file) {
  memory_protocol before("GET", "/hello.txt"), after("GET", "/hello.txt");
  serve(static_files(options()), before);
  write_file(root / "hello.txt", "01234567890");
  serve(static_files(options()), after);
  EXPECT_NE(before.answer().get("ETag"), after.answer().get("ETag"));
}

TEST_F(static_files_test, head_has_the_headers_only) {
  memory_protocol exchange("HEAD", "/hello.txt", {{"Range", "bytes=0-1"}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.answer().get("Content-Length"), "10");
  EXPECT_EQ(exchange.content(), "");
}

TEST_F(static_files_test, serves_an_empty_file) {
  write_file(root / "empty.txt", "");
  memory_protocol exchange("GET", "/empty.txt");
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.answer().get("Content-Length"), "0");
}

TEST_F(static_files_test, streams_a_large_file_in_pieces) {
  std::string large(300'001, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 % 251);
  write_file(root / "large.bin", large);
  memory_protocol exchange("GET", "/large.bin");
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.content(), large);
  EXPECT_EQ(exchange.largest_write(), 64u * 1024);
  EXPECT_EQ(exchange.writes(), 5u);
}

TEST_F(static_files_test, stops_when_the_client_is_gone) {
  write_file(root / "large.bin", std::string(300'000, 'x'));
  memory_protocol exchange("GET", "/large.bin");
  exchange.fail_connection(std::make_error_code(std::errc::connection_reset));
  EXPECT_THROW(serve(static_files(options()), exchange), std::system_error);
  EXPECT_EQ(exchange.writes(), 0u);
}

TEST_F(static_files_test, fails_when_the_file_becomes_shorter_while_it_is_sent) {
  write_file(root / "large.bin", std::string(100'000, 'x'));
  auto shrinking = options();
  shrinking.on_prepare_response = [&](http_context&) {
    fs::resize_file(root / "large.bin", 70'000);
  };
  memory_protocol exchange("GET", "/large.bin");
  EXPECT_THROW(serve(static_files(shrinking), exchange), std::system_error);
}

TEST_F(static_files_test, passes_on_other_methods_and_missing_files) {
  for (std::string method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT"}) {
    memory_protocol exchange(method, "/hello.txt");
    serve(static_files(options()), exchange);
    EXPECT_EQ(exchange.status(), 299) << method;
  }
  EXPECT_EQ(get("/missing.txt"), "299");
  EXPECT_EQ(get("/HELLO.txt"), "299");
}

TEST_F(static_files_test, passing_on_adds_no_coroutine) {
  bool reached = false;
  default_file_options chosen;
  chosen.root = root;
  application_builder app;
  app.use(default_files(chosen)).use(static_files(options())).run([&](http_context& context) {
    reached = true;
    return context.response().send("x");
  });
  memory_protocol exchange("GET", "/missing.txt");
  auto work = app.build()(exchange.context());
  EXPECT_TRUE(reached);
}

TEST_F(static_files_test, passes_on_folders) {
  fs::create_directories(root / "folder.txt");
  for (std::string target : {"/", "/css", "/css/", "/folder.txt", "/folder.txt/", "/hello.txt/"}) {
    EXPECT_EQ(get(target), "299") << target;
  }
}

TEST_F(static_files_test, passes_on_unknown_types_unless_asked) {
  EXPECT_EQ(get("/data.unknown"), "299");
  auto all = options();
  all.serve_unknown_file_types = true;
  memory_protocol exchange("GET", "/data.unknown");
  serve(static_files(all), exchange);
  EXPECT_EQ(exchange.content(), "?");
  EXPECT_EQ(exchange.answer().get("Content-Type"), "application/octet-stream");

  all.default_content_type = "application/x-other";
  memory_protocol other("GET", "/data.unknown"), known("GET", "/hello.txt");
  serve(static_files(all), other);
  serve(static_files(all), known);
  EXPECT_EQ(other.answer().get("Content-Type"), "application/x-other");
  EXPECT_EQ(known.answer().get("Content-Type"), "text/plain");
}

TEST_F(static_files_test, own_content_types_come_first) {
  auto own = options();
  own.content_types = {{".unknown", "text/x-own"}, {".txt", "text/x-mine"}};
  memory_protocol unknown("GET", "/data.unknown"), text("GET", "/hello.txt");
  serve(static_files(own), unknown);
  serve(static_files(own), text);
  EXPECT_EQ(unknown.answer().get("Content-Type"), "text/x-own");
  EXPECT_EQ(text.answer().get("Content-Type"), "text/x-mine");
}

TEST_F(static_files_test, request_path_is_a_prefix_of_whole_segments) {
  auto below = options();
  below.request_path = "/assets";
  for (auto [target, status] : {std::pair("/assets/hello.txt", 200),
                                {"/ASSETS/hello.txt", 200},
                                {"/hello.txt", 299},
                                {"/assets2/hello.txt", 299},
                                {"/assets", 299},
                                {"/assetshello.txt", 299}}) {
    memory_protocol exchange("GET", target);
    serve(static_files(below), exchange);
    EXPECT_EQ(exchange.status(), status) << target;
  }
}

TEST_F(static_files_test, calls_back_before_the_answer_and_sends_cache_control) {
  auto own = options();
  own.cache_control = "max-age=600";
  own.on_prepare_response = [](http_context& context) {
    context.response().headers().set("X-Own", std::to_string(context.response().status()));
  };
  memory_protocol exchange("GET", "/hello.txt");
  serve(static_files(own), exchange);
  EXPECT_EQ(exchange.answer().get("Cache-Control"), "max-age=600");
  EXPECT_EQ(exchange.answer().get("X-Own"), "200");
}

TEST_F(static_files_test, immutable_files_are_never_asked_about_again) {
  write_file(root / "css/site.3f2a8b7c.css", "body{}");
  auto own = options();
  own.cache_control = "no-cache";
  std::vector<std::string> asked;
  own.immutable_files = [&](std::string_view path) {
    asked.emplace_back(path);
    return has_fingerprint(path);
  };
  memory_protocol fingerprinted("GET", "/css/site.3f2a8b7c.css"), plain("GET", "/css/site.css");
  serve(static_files(own), fingerprinted);
  serve(static_files(own), plain);
  const std::string forever = "public, max-age=31536000, immutable";
  EXPECT_EQ(fingerprinted.answer().get("Cache-Control"), forever);
  EXPECT_EQ(plain.answer().get("Cache-Control"), "no-cache");
  EXPECT_EQ(asked, (std::vector<std::string>{"css/site.3f2a8b7c.css", "css/site.css"}));

  const std::string etag(fingerprinted.answer().get("ETag"));
  for (const auto& [field, status] :
       {std::pair(std::pair("If-None-Match", etag), 304), {{"Range", "bytes=1-2"}, 206}}) {
    memory_protocol again("GET", "/css/site.3f2a8b7c.css", {field});
    serve(static_files(own), again);
    EXPECT_EQ(again.status(), status);
    EXPECT_EQ(again.answer().get("Cache-Control"), forever);
  }
}

TEST_F(static_files_test, refusals_of_ranges_are_not_for_caches) {
  auto own = options();
  own.immutable_files = [](std::string_view) { return true; };
  memory_protocol exchange("GET", "/hello.txt", {{"Range", "bytes=10-"}});
  serve(static_files(own), exchange);
  EXPECT_EQ(exchange.status(), 416);
  EXPECT_FALSE(exchange.answer().contains("Cache-Control"));
}

class escape_table : public static_files_test, public ::testing::WithParamInterface<std::string> {};

TEST_P(escape_table, reaches_nothing) {
  auto all = options();
  all.serve_unknown_file_types = true;
  memory_protocol exchange("GET", "/");
  // As it would be if the protocol room had not cleaned it.
  exchange.context().request().set_path(GetParam());
  serve(static_files(all), exchange);
  EXPECT_EQ(exchange.status(), 299) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    static_files, escape_table,
    ::testing::Values("/../secret.txt", "/css/../../secret.txt", "/..", "/.", "/./hello.txt",
                      "//hello.txt", "/css//site.css", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
                      "/css%2Fsite.css", "/css%2fsite.css", "/..\\secret.txt", "/css\\site.css",
                      "/css%5Csite.css", "/.env", "/.git/config.txt", "/css/.hidden",
                      "/../site-2/secret.txt", "/etc/passwd", "//etc/passwd", "hello.txt", "*",
                      std::string("/hello.txt\0.css", 15), std::string("/hello.txt\0", 11),
                      "/" + std::string(300, 'a') + ".txt", "/" + std::string(5000, 'a') + ".txt"));

TEST_F(static_files_test, refuses_separators_in_names_even_when_there_is_such_a_file) {
  for (std::string name : {"css\\site.css", "css%2Fsite.css", "css%2fsite.css", "css%5Csite.css"}) {
    write_file(root / name, "odd");
    memory_protocol exchange("GET", "/");
    exchange.context().request().set_path("/" + name);
    serve(static_files(options()), exchange);
    EXPECT_EQ(exchange.status(), 299) << name;
  }
}

TEST_F(static_files_test, refuses_links_that_leave_the_root) {
  fs::create_symlink(base / "secret.txt", root / "absolute.txt");
  fs::create_symlink("../secret.txt", root / "relative.txt");
  fs::create_directory_symlink("..", root / "up");
  fs::create_directory_symlink(base, root / "base");
  fs::create_directory_symlink("/proc/self/cwd", root / "magic");
  for (std::string target : {"/absolute.txt", "/relative.txt", "/up/secret.txt", "/base/secret.txt",
                             "/up/site/hello.txt", "/magic/a.txt"}) {
    EXPECT_EQ(get(target), "299") << target;
  }
}

TEST_F(static_files_test, fallback_follows_no_link_and_finds_plain_files) {
  fs::create_symlink("hello.txt", root / "inside.txt");
  fs::create_directory_symlink("css", root / "link");
  fs::create_directory_symlink("..", root / "up");
  auto folder = http::open_folder(root.string());
  auto opens = [&](const std::string& path) {
    return static_cast<bool>(http::open_by_segments(folder, path, 0));
  };
  EXPECT_TRUE(opens("hello.txt"));
  EXPECT_TRUE(opens("css/site.css"));
  for (std::string path :
       {"inside.txt", "link/site.css", "up/secret.txt", "../secret.txt", "css/../hello.txt", "",
        "/etc/passwd", "css//site.css", "css/", "hello.txt/x"}) {
    EXPECT_FALSE(opens(path)) << path;
  }
}

TEST_F(static_files_test, follows_links_that_stay_inside) {
  fs::create_symlink("css/site.css", root / "inside.css");
  auto opened = http::open_beneath(http::open_folder(root.string()), "inside.css", 0);
  if (!opened) GTEST_SKIP() << "This kernel has no openat2.";
  EXPECT_EQ(get("/inside.css"), "body{}");
}

int status_of_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const http_error& error) {
    return error.status();
  }
  return 0;
}

TEST_F(static_files_test, tells_a_lack_of_descriptors_from_a_lack_of_files) {
  const auto files = static_files(options());
  const auto defaults = default_files({.root = root});
  for (const auto& [component, target] :
       {std::pair(files, "/hello.txt"), std::pair(files, "/none.txt"), std::pair(defaults, "/"),
        std::pair(defaults, "/docs")}) {
    memory_protocol exchange("GET", target);
    ::testing::internal::CaptureStdout();
    {
      const testing::no_descriptors scope;
      EXPECT_EQ(status_of_failure([&] { serve(component, exchange); }), 503) << target;
    }
    ::testing::internal::GetCapturedStdout();
  }
  EXPECT_EQ(get("/hello.txt"), "0123456789") << "it passes";
}

TEST_F(static_files_test, says_that_a_file_cannot_be_opened) {
  fs::create_symlink("loop.txt", root / "loop.txt");
  if (!http::open_beneath(http::open_folder(root.string()), "css/../hello.txt", 0)) {
    GTEST_SKIP() << "This kernel has no openat2, and links are not followed.";
  }
  EXPECT_EQ(status_of_failure([&] { get("/loop.txt"); }), 500);
}

#if defined(__linux__) && defined(SYS_openat2) && defined(__x86_64__)

/// From now on openat2 below that folder fails with EPERM, as in a sandbox. It cannot be undone.
bool forbid_openat2(int folder) {
  std::array code{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(folder), 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(static_files_test, forgets_that_the_system_has_forbidden_openat2_once) {
  fs::create_symlink("hello.txt", root / "inside.txt");
  const auto forbidden = http::open_folder(root.string());
  const auto allowed = http::open_folder(root.string());
  if (!http::open_beneath(allowed, "inside.txt", 0)) {
    GTEST_SKIP() << "This kernel has no openat2.";
  }
  enum { fine, no_fallback, followed, remembered, no_filter };
  const auto child = ::fork();
  if (child == 0) {
    if (!forbid_openat2(forbidden.get())) ::_exit(no_filter);
    if (!http::open_beneath(forbidden, "hello.txt", 0)) ::_exit(no_fallback);
    if (http::open_beneath(forbidden, "inside.txt", 0)) ::_exit(followed);
    ::_exit(http::open_beneath(allowed, "inside.txt", 0) ? fine : remembered);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_filter) GTEST_SKIP() << "No seccomp here.";
  EXPECT_EQ(WEXITSTATUS(status), fine);
}

#endif

TEST_F(static_files_test, serves_only_regular_files) {
  ASSERT_EQ(::mkfifo((root / "pipe.txt").c_str(), 0600), 0);
  EXPECT_EQ(get("/pipe.txt"), "299");
}

TEST_F(static_files_test, follows_the_root_when_it_is_replaced) {
  auto component = static_files(options());
  fs::rename(root, base / "old");
  write_file(root / "hello.txt", "new");
  memory_protocol exchange("GET", "/hello.txt");
  serve(component, exchange);
  EXPECT_EQ(exchange.content(), "new");
}

TEST_F(static_files_test, answers_304_without_content) {
  memory_protocol first("GET", "/hello.txt");
  serve(static_files(options()), first);
  std::string etag(first.answer().get("ETag")), date(first.answer().get("Last-Modified"));
  for (const auto& field : field_list{{"If-None-Match", etag}, {"If-Modified-Since", date}}) {
    memory_protocol exchange("GET", "/hello.txt", {field});
    serve(static_files(options()), exchange);
    EXPECT_EQ(exchange.status(), 304);
    EXPECT_EQ(exchange.content(), "");
    EXPECT_EQ(exchange.answer().get("ETag"), etag);
    EXPECT_FALSE(exchange.answer().contains("Content-Length"));
  }
}

TEST_F(static_files_test, no_file_is_from_the_future) {
  set_modified(root / "hello.txt", "Thu, 01 Jan 2099 00:00:00 GMT");
  const auto before = std::time(nullptr);
  memory_protocol first("GET", "/hello.txt");
  serve(static_files(options()), first);
  const auto said = http::parse_http_date(first.answer().get("Last-Modified"));
  ASSERT_TRUE(said);
  EXPECT_GE(*said, before);
  EXPECT_LE(*said, std::time(nullptr));
}

TEST_F(static_files_test, a_date_of_this_second_gets_no_range) {
  // A file from the future counts as of now: when the second request is answered, the date is of
  // this second, which is not over, or of one before, which names another version.
  set_modified(root / "hello.txt", "Thu, 01 Jan 2099 00:00:00 GMT");
  memory_protocol first("GET", "/hello.txt");
  serve(static_files(options()), first);
  memory_protocol again(
      "GET", "/hello.txt",
      {{"Range", "bytes=4-"}, {"If-Range", std::string(first.answer().get("Last-Modified"))}});
  serve(static_files(options()), again);
  EXPECT_EQ(again.status(), 200);
}

TEST_F(static_files_test, a_date_of_the_past_gets_its_range) {
  const std::string date = "Sat, 01 Jan 2000 00:00:00 GMT";
  set_modified(root / "hello.txt", date);
  memory_protocol exchange("GET", "/hello.txt", {{"Range", "bytes=4-"}, {"If-Range", date}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 206);
  EXPECT_EQ(exchange.content(), "456789");
}

TEST_F(static_files_test, of_two_dates_none_counts) {
  const std::string date = "Sat, 01 Jan 2000 00:00:00 GMT";
  set_modified(root / "hello.txt", date);
  for (const auto* name : {"If-Modified-Since", "If-Unmodified-Since"}) {
    memory_protocol exchange("GET", "/hello.txt",
                             {{name, date}, {name, "Fri, 01 Jan 1999 00:00:00 GMT"}});
    serve(static_files(options()), exchange);
    EXPECT_EQ(exchange.status(), 200) << name;
  }
}

TEST_F(static_files_test, answers_412) {
  memory_protocol exchange("GET", "/hello.txt", {{"If-Match", "\"other\""}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 412);
  EXPECT_EQ(exchange.content(), "");
}

TEST_F(static_files_test, answers_one_range) {
  memory_protocol exchange("GET", "/hello.txt", {{"Range", "bytes=2-4"}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 206);
  EXPECT_EQ(exchange.content(), "234");
  EXPECT_EQ(exchange.answer().get("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(exchange.answer().get("Content-Length"), "3");
  EXPECT_EQ(exchange.answer().get("Content-Type"), "text/plain");
}

TEST_F(static_files_test, answers_several_ranges_as_multipart) {
  memory_protocol exchange("GET", "/hello.txt", {{"Range", "bytes=0-1,-2"}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 206);
  std::string type(exchange.answer().get("Content-Type"));
  std::string prefix = "multipart/byteranges; boundary=";
  ASSERT_TRUE(type.starts_with(prefix)) << type;
  auto mark = "--" + type.substr(prefix.size());
  EXPECT_EQ(exchange.content(),
            mark + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n" +
                mark + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n" +
                mark + "--\r\n");
  EXPECT_EQ(exchange.answer().get("Content-Length"), std::to_string(exchange.content().size()));
  EXPECT_FALSE(exchange.answer().contains("Content-Range"));
}

TEST_F(static_files_test, answers_416_with_the_size) {
  memory_protocol exchange("GET", "/hello.txt", {{"Range", "bytes=10-"}});
  serve(static_files(options()), exchange);
  EXPECT_EQ(exchange.status(), 416);
  EXPECT_EQ(exchange.answer().get("Content-Range"), "bytes */10");
  EXPECT_EQ(exchange.content(), "");
}

TEST_F(static_files_test, ignores_ranges_that_do_not_count) {
  for (const auto& fields : {field_list{{"Range", "lines=1-2"}},
                             field_list{{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}},
                             field_list{{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}}) {
    memory_protocol exchange("GET", "/hello.txt", fields);
    serve(static_files(options()), exchange);
    EXPECT_EQ(exchange.status(), 200);
    EXPECT_EQ(exchange.content(), "0123456789");
  }
}

TEST_F(static_files_test, refuses_bad_options) {
  auto missing = options(), file = options(), path = options(), types = options(),
       unknown = options();
  missing.root = base / "nowhere";
  file.root = root / "hello.txt";
  path.request_path = "assets/";
  types.content_types = {{"txt", "text/plain"}};
  unknown.default_content_type = "";
  for (const auto& bad : {missing, file, path, types, unknown}) {
    EXPECT_THROW(static_files(bad), std::invalid_argument);
  }
}

TEST(content_types, go_by_the_last_extension_ignoring_case) {
  EXPECT_EQ(content_type_of("index.HTML"), "text/html");
  EXPECT_EQ(content_type_of("a/b.min.js"), "text/javascript");
  EXPECT_EQ(content_type_of("x.wasm"), "application/wasm");
  EXPECT_EQ(content_type_of("x.7z"), "application/x-7z-compressed");
  for (std::string_view name : {"icudt.dat", "app.pdb", "app.blat", "app.dll"}) {
    EXPECT_EQ(content_type_of(name), "application/octet-stream") << name;
  }
  for (std::string_view name :
       {"", "README", "a.b/README", "x.", "x.unknown", "x.averyveryverylongextension"}) {
    EXPECT_EQ(content_type_of(name), "") << name;
  }
}

TEST(served_path, keeps_what_may_be_looked_for) {
  EXPECT_EQ(http::served_path(""), "");
  EXPECT_EQ(http::served_path("/"), "");
  EXPECT_EQ(http::served_path("/a/b.c"), "a/b.c");
  EXPECT_EQ(http::served_path("/a/"), "a/");
  EXPECT_EQ(http::served_path("/a//"), std::nullopt);
  EXPECT_EQ(http::served_path("/a..b/c.."), "a..b/c..");
}

}  // namespace
}  // namespace saker
