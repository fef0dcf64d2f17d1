#pragma once

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <saker/http/features/static_files.hpp>

#include "http/message/http_date.hpp"
#include "unit/http/exchange/memory_protocol.hpp"

namespace saker::test {

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

inline void set_modified(const std::filesystem::path& path, std::string_view date) {
  const timespec at{*http::parse_http_date(date), 0};
  const timespec times[] = {at, at};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

/// A folder beside which a secret lies.
class site_fixture : public ::testing::Test {
 protected:
  site_fixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "saker-static-XXXXXX").string();
    base = ::mkdtemp(pattern.data());
    root = base / "site";
    write_file(base / "secret.txt", "secret");
    write_file(base / "site-2/secret.txt", "secret");
    write_file(root / "hello.txt", "0123456789");
    write_file(root / "index.html", "home");
    write_file(root / "css/site.css", "body{}");
    write_file(root / "docs/index.html", "docs");
    write_file(root / ".env", "hidden");
    write_file(root / ".git/config.txt", "hidden");
    write_file(root / "data.unknown", "?");
  }
  ~site_fixture() override { std::filesystem::remove_all(base); }

  static_file_options options() const {
    static_file_options result;
    result.root = root;
    return result;
  }

  /// Sends the request through the middleware; what it passes on is answered 299 "passed".
  static void serve(middleware component, memory_protocol& exchange) {
    application_builder app;
    app.use(std::move(component)).run([](http_context& context) -> task<void> {
      context.response().set_status(299);
      auto text = "passed " + std::string(context.request().path());
      auto sent = context.response().send(text);
      co_await sent;
    });
    test::serve(app.build(), exchange);
  }

  std::string get(const std::string& target) {
    memory_protocol exchange("GET", target);
    serve(static_files(options()), exchange);
    return exchange.status() == 200 ? exchange.content() : std::to_string(exchange.status());
  }

  std::filesystem::path base;
  std::filesystem::path root;
};

}  // namespace saker::test
