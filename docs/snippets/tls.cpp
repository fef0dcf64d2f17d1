#include <saker/saker.hpp>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.set_urls("https://localhost:5001");
  app.use_https({
      .certificates = {{.certificate_file = "server.crt", .key_file = "server.key"},
                       {.host = "*.example.com", .certificate_file = "example.p12"}},
      .client_certificates = saker::client_certificate_mode::allow,
      .client_certificate_authorities = "clients.crt",
  });
  app.map_get("/", [](saker::http_context& context) {
    const auto connection = context.connection();
    const auto* const client = connection.client_certificate();
    return context.response().send(client ? "Hello, " + client->subject : "Hello, stranger");
  });
  return app.run();
}
