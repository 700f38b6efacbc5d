//! The name of a service in traces (`gen_ai.provider.name`), by the host of its address.

/// Hosts and the names that the conventions have for them. A host also stands for the hosts below it.
const PROVIDERS: &[(&str, &str)] = &[
    ("api.anthropic.com", "anthropic"),
    ("amazonaws.com", "aws.bedrock"),
    ("openai.azure.com", "azure.ai.openai"),
    ("cognitiveservices.azure.com", "azure.ai.openai"),
    ("services.ai.azure.com", "azure.ai.inference"),
    ("models.ai.azure.com", "azure.ai.inference"),
    ("cohere.com", "cohere"),
    ("cohere.ai", "cohere"),
    ("deepseek.com", "deepseek"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("groq.com", "groq"),
    ("ml.cloud.ibm.com", "ibm.watsonx.ai"),
    ("mistral.ai", "mistral_ai"),
    ("moonshot.ai", "moonshot_ai"),
    ("moonshot.cn", "moonshot_ai"),
    ("perplexity.ai", "perplexity"),
    ("x.ai", "x_ai"),
];

/// The service that speaks this protocol by default, and the name of its protocol elsewhere.
pub(super) const OPENAI: &str = "openai";
pub(super) const AZURE_OPENAI: &str = "azure.ai.openai";

/// The name of the service at this host. It is `openai` if the conventions have no name, because the name also says
/// which protocol a span is about.
pub(super) fn provider(host: &str) -> &'static str {
    // The hosts of regions: `europe-west4-aiplatform.googleapis.com`.
    if host.ends_with("aiplatform.googleapis.com") {
        return "gcp.vertex_ai";
    }
    let is_at = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.'))
    };
    PROVIDERS.iter().find(|(domain, _)| is_at(domain)).map_or(OPENAI, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::provider;

    #[test]
    fn providers_by_host() {
        for (host, expected) in [
            ("api.openai.com", "openai"),
            ("localhost", "openai"),
            ("openrouter.ai", "openai"),
            ("name.openai.azure.com", "azure.ai.openai"),
            ("api.x.ai", "x_ai"),
            ("notx.ai", "openai"),
            ("api.groq.com", "groq"),
            ("aiplatform.googleapis.com", "gcp.vertex_ai"),
            ("europe-west4-aiplatform.googleapis.com", "gcp.vertex_ai"),
            ("bedrock-runtime.eu-central-1.amazonaws.com", "aws.bedrock"),
        ] {
            assert_eq!(provider(host), expected, "{host}");
        }
    }
}
