#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <saker/io/certificate.hpp>

namespace saker::io {

/// What protects a byte stream, fixed once its handshake is over.
struct channel_security {
  std::string_view version;          ///< Static text: "TLSv1.3".
  std::string_view cipher;           ///< Static text: "TLS_AES_128_GCM_SHA256".
  std::string application_protocol;  ///< Agreed by ALPN (RFC 7301), or empty.
  std::string server_name;           ///< Asked for by SNI (RFC 6066), or empty.
  std::optional<certificate> client_certificate;
  bool resumed = false;
};

}  // namespace saker::io
