#include "support/test_server.hpp"

#include "support/temporary_directory.hpp"
#include "support/test_certificate.hpp"

namespace saker::testing {

void test_server::serve_securely(web_application& app) {
  static const temporary_directory directory;
  static const tls_certificate files = [] {
    const auto made = test_certificate::for_server("localhost");
    tls_certificate written;
    written.certificate_file = directory.write("localhost.crt", made.certificate_pem());
    written.key_file = directory.write("localhost.key", made.key_pem());
    return written;
  }();
  app.set_urls("https://127.0.0.1:0");
  app.use_https({.certificates = {files}});
}

}  // namespace saker::testing
