#include <saker/http/features/static_files.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include "unit/http/features/site_fixture.hpp"

namespace saker {
namespace {

using test::memory_protocol;
using test::write_file;

class default_files_test : public test::site_fixture {
 protected:
  void ask(memory_protocol& exchange, const std::string& request_path = {}) {
    default_file_options chosen;
    chosen.root = root;
    chosen.request_path = request_path;
    serve(default_files(chosen), exchange);
  }
  std::string path_after(const std::string& target) {
    memory_protocol exchange("GET", target);
    ask(exchange);
    return exchange.status() == 299 ? exchange.content() : std::to_string(exchange.status());
  }
};

TEST_F(default_files_test, rewrites_folders_that_have_a_default_file) {
  EXPECT_EQ(path_after("/"), "passed /index.html");
  EXPECT_EQ(path_after("/docs/"), "passed /docs/index.html");
  EXPECT_EQ(path_after("/css/"), "passed /css/");
  EXPECT_EQ(path_after("/css"), "passed /css");
  EXPECT_EQ(path_after("/hello.txt"), "passed /hello.txt");
  EXPECT_EQ(path_after("/missing/"), "passed /missing/");
  EXPECT_EQ(path_after("/.git/"), "passed /.git/");
}

TEST_F(default_files_test, takes_the_first_name_that_exists) {
  write_file(root / "both/default.htm", "");
  EXPECT_EQ(path_after("/both/"), "passed /both/default.htm");
  write_file(root / "both/index.htm", "");
  EXPECT_EQ(path_after("/both/"), "passed /both/index.htm");
}

TEST_F(default_files_test, redirects_to_the_slash_with_the_query) {
  write_file(root / "a b/index.html", "");
  memory_protocol exchange("GET", "/a%20b?x=1&y");
  ask(exchange);
  EXPECT_EQ(exchange.status(), 301);
  EXPECT_EQ(exchange.answer().get("Location"), "/a%20b/?x=1&y");
}

TEST_F(default_files_test, never_redirects_to_another_site) {
  for (std::string target : {"//docs", "/\\docs", "//docs/", "/%5Cdocs"}) {
    memory_protocol exchange("GET", target);
    ask(exchange);
    EXPECT_EQ(exchange.status(), 299) << target;
  }
}

TEST_F(default_files_test, works_below_a_request_path) {
  memory_protocol bare("GET", "/files"), slash("GET", "/files/"), other("GET", "/");
  ask(bare, "/files");
  ask(slash, "/files");
  ask(other, "/files");
  EXPECT_EQ(bare.answer().get("Location"), "/files/");
  EXPECT_EQ(slash.content(), "passed /files/index.html");
  EXPECT_EQ(other.content(), "passed /");
}

TEST_F(default_files_test, redirects_inside_a_branch_with_the_base) {
  application_builder app;
  default_file_options chosen;
  chosen.root = root;
  app.map("/app", [&](application_builder& branch) { branch.use(default_files(chosen)); });
  memory_protocol exchange("GET", "/app");
  test::serve(app.build(), exchange);
  EXPECT_EQ(exchange.status(), 301);
  EXPECT_EQ(exchange.answer().get("Location"), "/app/");
}

TEST_F(default_files_test, leaves_other_methods_alone) {
  memory_protocol exchange("POST", "/");
  ask(exchange);
  EXPECT_EQ(exchange.content(), "passed /");
}

TEST_F(default_files_test, together_they_serve_the_home_page) {
  default_file_options chosen;
  chosen.root = root;
  application_builder app;
  app.use(default_files(chosen)).use(static_files(options()));
  memory_protocol exchange("GET", "/");
  test::serve(app.build(), exchange);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.content(), "home");
  EXPECT_EQ(exchange.answer().get("Content-Type"), "text/html");
}

TEST_F(default_files_test, refuses_bad_options) {
  default_file_options name, root_missing, prefix;
  root_missing.root = base / "nowhere";
  prefix.root = name.root = root;
  prefix.request_path = "/a/";
  name.file_names = {"../index.html"};
  for (const auto& bad : {name, root_missing, prefix}) {
    EXPECT_THROW(default_files(bad), std::invalid_argument);
  }
}

}  // namespace
}  // namespace saker
