//! Which stack components can be made of what a cloud's service connector gives access to.

use crate::server::{
    error::{AppError, Result},
    service::connector_resources::ConnectorResources,
};

/// A kind of component that can be made of a resource.
#[derive(Debug)]
pub struct Offer {
    connector_type: &'static str,
    resource_type: &'static str,
    pub component_type: &'static str,
    pub flavor: &'static str,
    pub flavor_display_name: &'static str,
    /// What the component's configuration needs besides, with its name for people.
    pub required_configuration: &'static [(&'static str, &'static str)],
    /// The resource itself is the value of the one configuration that is needed.
    pub resource_is_configuration: bool,
}

/// The component types that are offered, in order.
pub const COMPONENT_TYPES: [&str; 3] = ["artifact_store", "orchestrator", "container_registry"];

const fn offer(
    (connector_type, resource_type): (&'static str, &'static str),
    component_type: &'static str,
    (flavor, flavor_display_name): (&'static str, &'static str),
    required_configuration: &'static [(&'static str, &'static str)],
    resource_is_configuration: bool,
) -> Offer {
    Offer { connector_type, resource_type, component_type, flavor, flavor_display_name, required_configuration, resource_is_configuration }
}

/// What ZenML 0.98 offers.
const OFFERS: [Offer; 15] = [
    offer(("aws", "s3-bucket"), "artifact_store", ("s3", "S3 Bucket"), &[("path", "Path")], true),
    offer(("aws", "aws-generic"), "orchestrator", ("sagemaker", "AWS Sagemaker"), &[("execution_role", "execution role ARN")], false),
    offer(("aws", "aws-generic"), "orchestrator", ("vm_aws", "Skypilot (EC2)"), &[("region", "region")], true),
    offer(("aws", "kubernetes-cluster"), "orchestrator", ("kubernetes", "Kubernetes"), &[], false),
    offer(("aws", "docker-registry"), "container_registry", ("aws", "ECR"), &[("uri", "URI")], true),
    offer(("gcp", "gcs-bucket"), "artifact_store", ("gcp", "GCS Bucket"), &[("path", "Path")], true),
    offer(("gcp", "gcp-generic"), "orchestrator", ("vertex", "Vertex AI"), &[("location", "region name")], false),
    offer(("gcp", "gcp-generic"), "orchestrator", ("vm_gcp", "Skypilot (Compute)"), &[("region", "region name")], false),
    offer(("gcp", "kubernetes-cluster"), "orchestrator", ("kubernetes", "Kubernetes"), &[], false),
    offer(("gcp", "docker-registry"), "container_registry", ("gcp", "GCR"), &[("uri", "URI")], true),
    offer(("azure", "blob-container"), "artifact_store", ("azure", "Blob container"), &[("path", "Path")], true),
    offer(("azure", "azure-generic"), "orchestrator", ("vm_azure", "Skypilot (VM)"), &[("region", "region name")], false),
    offer(
        ("azure", "azure-generic"),
        "orchestrator",
        ("azureml", "AzureML"),
        &[("subscription_id", "subscription ID"), ("resource_group", "resource group"), ("workspace", "workspace")],
        false,
    ),
    offer(("azure", "kubernetes-cluster"), "orchestrator", ("kubernetes", "Kubernetes"), &[], false),
    offer(("azure", "docker-registry"), "container_registry", ("azure", "ACR"), &[("uri", "URI")], true),
];

/// What can be made of what a connector reaches: each offer with the ids of its resources.
///
/// # Errors
/// 400 where a cloud's connector reaches nothing for one of the component types of a stack.
pub fn offers(connector_type: &str, reached: &ConnectorResources) -> Result<Vec<(&'static Offer, Vec<String>)>> {
    let ids = |offer: &Offer| {
        let mut resources = reached.resources.iter().filter(|resource| resource.resource_type == offer.resource_type);
        resources.find_map(|resource| resource.resource_ids.clone().filter(|ids| !ids.is_empty()))
    };
    let of_type = OFFERS.iter().filter(|offer| offer.connector_type == connector_type);
    let found: Vec<_> = of_type.filter_map(|offer| ids(offer).map(|ids| (offer, ids))).collect();
    if ["aws", "gcp", "azure"].contains(&connector_type) {
        for component_type in COMPONENT_TYPES {
            if !found.iter().any(|(offer, _)| offer.component_type == component_type) {
                let kind = component_type.replace('_', " ");
                return Err(AppError::Invalid(format!(
                    "The service connector reaches nothing that can be the {kind} of a stack. Check that it is allowed to."
                )));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::service::connector_resources::TypedResources;

    fn reached(types: &[&str]) -> ConnectorResources {
        let typed =
            |kind: &&str| TypedResources { resource_type: (*kind).to_owned(), resource_ids: Some(vec!["x".to_owned()]), error: None };
        ConnectorResources { resources: types.iter().map(typed).collect() }
    }

    #[test]
    fn a_resource_may_become_several_kinds_of_component() {
        let all = offers("aws", &reached(&["aws-generic", "s3-bucket", "docker-registry"])).expect("offers");
        let flavors: Vec<&str> = all.iter().map(|(offer, _)| offer.flavor).collect();
        assert_eq!(flavors, ["s3", "sagemaker", "vm_aws", "aws"]);
        assert!(offers("docker", &reached(&["docker-registry"])).expect("nothing is offered").is_empty());
    }

    #[test]
    fn a_cloud_needs_something_for_each_part_of_a_stack() {
        let refused = offers("gcp", &reached(&["gcs-bucket", "kubernetes-cluster"]));
        assert!(matches!(refused, Err(AppError::Invalid(message)) if message.contains("container registry")));
    }
}
