#include "io/tls_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "io/client_trust.hpp"
#include "support/no_descriptors.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_certificate.hpp"

namespace saker::io {
namespace {

using namespace std::chrono_literals;
using testing::no_descriptors;
using testing::test_certificate;

class tls_server_test : public ::testing::Test {
 protected:
  void write(const std::string& name) {
    const auto made = test_certificate::for_server(name);
    files_.write("a.crt", made.certificate_pem());
    files_.write("a.key", made.key_pem());
  }
  tls_options options() const {
    tls_options result;
    result.certificates.resize(1);
    result.certificates[0].certificate_file = files_.file("a.crt");
    result.certificates[0].key_file = files_.file("a.key");
    return result;
  }
  static std::string logged(const std::function<void()>& action) {
    ::testing::internal::CaptureStdout();
    action();
    return ::testing::internal::GetCapturedStdout();
  }

  testing::temporary_directory files_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
};

TEST_F(tls_server_test, loads_again_what_could_not_be_read_once) {
  if (testing::needs_descriptors) GTEST_SKIP() << "The sanitizer needs descriptors.";
  write("old");
  tls_server server(options());
  const auto old = server.certificates(now_);
  write("new");
  const auto log = logged([&] {
    const no_descriptors scope;
    EXPECT_EQ(server.certificates(now_ += 2s), old);
    EXPECT_EQ(server.certificates(now_ += 2s), old);
  });
  EXPECT_NE(log.find("Too many open files"), std::string::npos) << log;
  EXPECT_EQ(log.find("password"), std::string::npos) << log;
  EXPECT_EQ(log.find("stay in use"), log.rfind("stay in use")) << "the same is said once: " << log;
  logged([&] {
    EXPECT_EQ(server.certificates(now_), old) << "not before the next look";
    EXPECT_NE(server.certificates(now_ += 2s), old);
  });
}

TEST_F(tls_server_test, says_a_new_reason_and_takes_what_fits_in_the_end) {
  write("old");
  tls_server server(options());
  const auto old = server.certificates(now_);
  const auto fresh = test_certificate::for_server("new");
  files_.write("a.crt", fresh.certificate_pem());
  EXPECT_NE(logged([&] { server.certificates(now_ += 2s); }).find("does not fit"),
            std::string::npos);
  std::filesystem::remove(files_.file("a.key"));
  EXPECT_NE(logged([&] { server.certificates(now_ += 2s); }).find("No such file"),
            std::string::npos);
  files_.write("a.key", fresh.key_pem());
  EXPECT_NE(logged([&] { server.certificates(now_ += 2s); }).find("loaded again"),
            std::string::npos);
  EXPECT_NE(server.certificates(now_), old);
}

TEST_F(tls_server_test, says_why_a_file_cannot_be_used) {
  const auto refused = [&](const tls_options& bad) -> std::string {
    try {
      const tls_server server(bad);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing";
  };
  const auto expect = [&](const tls_options& bad, const std::string& file, const std::string& why) {
    const auto text = refused(bad);
    EXPECT_NE(text.find(file), std::string::npos) << text;
    EXPECT_NE(text.find(why), std::string::npos) << text;
  };
  expect(options(), "a.crt", "cannot be read (No such file or directory)");
  write("one");
  const auto whole = test_certificate::for_server("one");
  files_.write("a.key", whole.key_pem());
  expect(options(), "a.key", "does not fit the certificate");
  files_.write("a.key", whole.key_pem("secret"));
  expect(options(), "a.key", "no private key, or the password is wrong");
  files_.write("a.crt", "nothing");
  expect(options(), "a.crt", "holds no certificate");
  const auto broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  files_.write("a.crt", whole.certificate_pem() + broken);
  files_.write("a.key", whole.key_pem());
  expect(options(), "a.crt", "chain is damaged");
  files_.write("a.crt", whole.certificate_pem() + whole.certificate_pem());
  EXPECT_EQ(refused(options()), "nothing");
  auto clients = options();
  clients.client_certificates = client_certificate_mode::allow;
  clients.client_certificate_authorities = files_.file("ca.crt");
  expect(clients, "ca.crt", "cannot be read (No such file or directory)");
  files_.write("ca.crt", whole.key_pem());
  expect(clients, "ca.crt", "holds no authorities");
}

TEST_F(tls_server_test, trusts_tickets_of_its_own_authorities_until_they_expire) {
  tls_options options;
  options.client_certificates = client_certificate_mode::require;
  options.client_certificate_authorities =
      files_.write("ca.crt", test_certificate::authority("a").certificate_pem());
  const client_trust trust(options);
  const client_trust same(options);
  files_.write("ca.crt", test_certificate::authority("b").certificate_pem());
  const client_trust other(options);
  const auto mark = trust.mark(1000);
  EXPECT_TRUE(trust.accepts(mark, 999));
  EXPECT_TRUE(trust.accepts(mark, 1000));
  EXPECT_FALSE(trust.accepts(mark, 1001));
  EXPECT_TRUE(same.accepts(mark, 1000)) << "loading the same again changes nothing";
  EXPECT_FALSE(other.accepts(mark, 1000));
  EXPECT_FALSE(trust.accepts({}, 0)) << "a ticket that says nothing";
  options.client_certificate_authorities.clear();
  EXPECT_FALSE(client_trust(options).accepts(client_trust(options).mark(1000), 0))
      << "the system's authorities may have changed";
}

}  // namespace
}  // namespace saker::io
