// Who wins: the defaults, the program, the environment, the command line.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/app/web_application.hpp>

namespace saker::testing {
namespace {

class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~variable() { ::unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
};

std::string unix_url(const std::string& name) {
  return "http://unix:" + ::testing::TempDir() + "saker-" + name + std::to_string(::getpid());
}

/// Where an application listens that has set an endpoint itself.
std::string listens_at(const std::vector<const char*>& options) {
  std::vector<const char*> words{"program", "--log-level", "off"};
  words.insert(words.end(), options.begin(), options.end());
  web_application app(static_cast<int>(words.size()), words.data());
  app.set_urls(unix_url("code")).set_threads(1);
  app.start();
  return app.urls().at(0);
}

TEST(server_configuration, the_command_line_wins_over_the_environment_over_the_program) {
  const auto environment = unix_url("environment");
  const auto line = unix_url("line");
  EXPECT_EQ(listens_at({}), unix_url("code"));
  const variable urls("SAKER_URLS", environment);
  EXPECT_EQ(listens_at({}), environment);
  EXPECT_EQ(listens_at({"--urls", line.c_str()}), line);
}

TEST(server_configuration, what_the_program_sets_is_checked_also_where_it_does_not_count) {
  const char* const words[] = {"program", "--urls", "http://127.0.0.1:0", "--threads", "1"};
  web_application app(5, words);
  EXPECT_THROW(app.set_urls("ftp://x"), std::invalid_argument);
  EXPECT_THROW(app.set_threads(0), std::invalid_argument);
  EXPECT_THROW(app.set_log_level("loud"), std::invalid_argument);
  EXPECT_THROW(app.set_unix_socket_mode(01777), std::invalid_argument);
}

TEST(server_configuration, opens_unix_sockets_to_whom_it_is_told) {
  for (const unsigned mode : {0600U, 0660U, 0666U}) {
    web_application app;
    const auto url = unix_url("mode");
    app.set_urls(url).set_threads(1).set_log_level("off").set_unix_socket_mode(mode);
    app.start();
    struct stat status{};
    ASSERT_EQ(::stat(url.substr(url.find('/', 7)).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, mode);
  }
}

}  // namespace
}  // namespace saker::testing
