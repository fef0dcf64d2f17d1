#include <saker/http/message/claims_principal.hpp>

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(claims_principal, is_named_by_the_tokens_subject_or_by_dotnets_claim) {
  const claim mapped{std::string(claim_types::dotnet_name_identifier), "mapped"};
  EXPECT_EQ(claims_principal().name_identifier(), "");
  EXPECT_EQ(claims_principal({mapped}).name_identifier(), "mapped");
  EXPECT_EQ(claims_principal({mapped, {"sub", "anna"}}).name_identifier(), "anna");
}

}  // namespace
}  // namespace saker
