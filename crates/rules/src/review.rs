//! What several rules ask of one document, found when it is first asked for.

use std::cell::OnceCell;

use model::envelope::{self, Slot};
use model::{Endpoint, Entity, Shape, Spec};

use syntax::template::Template;

use crate::codes::Codes;
use crate::texts::Texts;

/// A document as rules read it.
#[derive(Debug)]
pub struct Review<'a> {
    /// Its model.
    pub spec: &'a Spec,
    texts: OnceCell<Texts<'a>>,
    codes: OnceCell<Codes<'a>>,
    examples: OnceCell<Vec<Example<'a>>>,
    form: OnceCell<Form>,
}

/// What a document has of the template.
#[derive(Debug)]
pub(crate) struct Form {
    /// Whether it is a document of that form.
    pub(crate) is_followed: bool,
    /// For each section of the template, whether it is there.
    pub(crate) found: Vec<bool>,
}

/// An example of a record, in a body that an endpoint takes or answers.
#[derive(Debug)]
pub(crate) struct Example<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) entity: &'a Entity,
    /// Whether the body is that of a request.
    pub(crate) request: bool,
    pub(crate) slot: Slot<'a>,
}

impl<'a> Review<'a> {
    pub(crate) fn new(spec: &'a Spec) -> Review<'a> {
        Review {
            spec,
            texts: OnceCell::new(),
            codes: OnceCell::new(),
            examples: OnceCell::new(),
            form: OnceCell::new(),
        }
    }

    /// Its texts, tables and fences.
    pub(crate) fn texts(&self) -> &Texts<'a> {
        self.texts.get_or_init(|| Texts::of(self.spec.document()))
    }

    /// Its error codes.
    pub(crate) fn codes(&self) -> &Codes<'a> {
        self.codes.get_or_init(|| Codes::read(self.spec, self.texts()))
    }

    /// What it has of the template, which is the same for all rules.
    pub(crate) fn form(&self, template: &Template) -> &Form {
        let doc = self.spec.document();
        let form = || Form { is_followed: template.is_followed_by(doc), found: template.found(doc.sections.iter()) };
        self.form.get_or_init(form)
    }

    /// The examples of endpoints that work on an entity: of each, those of its requests and then those of its
    /// answers.
    pub(crate) fn examples(&self) -> &[Example<'a>] {
        self.examples.get_or_init(|| self.spec.endpoints.iter().flat_map(|it| examples(self.spec, it)).collect())
    }
}

fn examples<'a>(spec: &'a Spec, endpoint: &'a Endpoint) -> Vec<Example<'a>> {
    let Some(entity) = endpoint.behaviour.entity.and_then(|it| spec.entities.get(it)) else { return Vec::new() };
    let requests = endpoint.requests.iter().map(|it| (&it.value, true));
    let answers = endpoint.responses.iter().filter(|it| it.status < 300);
    let bodies = requests.chain(answers.filter_map(|it| Some((it.body.as_ref()?, false))));
    let examples = bodies.filter_map(|(shape, request)| {
        let Shape::Body(body, true) = shape else { return None };
        let value = body.value.as_ref()?;
        let slot = envelope::slot(&value.value, value.span, entity)?;
        Some(Example { endpoint, entity, request, slot })
    });
    examples.collect()
}
