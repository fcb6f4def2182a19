use super::*;
use crate::decl::tests::{check, mutate};

const PYDANTIC: &str = r#"
from pydantic import BaseModel, Field

Level = Literal["basic", "gold"]

class LoanStatus(str, Enum):
    """What became of it."""
    OPEN = "open"
    HANDED_OUT = "handed_out"  # with the reader

class Priority(IntEnum):
    LOW = 1
    HIGH = 2

class LoanBase(BaseModel):
    # What is lent
    title: str = Field(..., min_length=1, max_length=80, description="Shown in lists")
    days: int = Field(14, ge=1, le=30)  # how long
    isbn: Annotated[str, Field(pattern=r"^\d+$")]

class Loan(LoanBase):
    id: UUID
    status: LoanStatus = LoanStatus.OPEN
    note: str | None = None
    branch: Optional["Branch"]
    tags: list[str] = Field(default_factory=list)
    counts: Dict[str, int] = {}
    kind: Literal["book", "film"] = "book"
    when: datetime.datetime
    email: EmailStr
    rating: float = -1.5

    class Config:
        from_attributes = True

    @validator("title")
    def check(cls, v):
        x: int = 3
        return v

class Keys(TypedDict, total=False):
    name: str

@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0

class Service:
    def __init__(self, db):
        self.db = db

class Settings(BaseSettings):
    url: str
"#;

#[test]
fn pydantic() {
    check(
        read,
        PYDANTIC,
        "
alias Level = one of `basic`, `gold`
alias LoanStatus = one of `open`, `handed_out`
alias Priority = one of `1`, `2`
record LoanBase
  title: string [length 1.., length ..80] // Shown in lists / What is lent
  days: integer = 14 [range =1.., range ..=30] // how long
  isbn: string [/^\\d+$/]
record Loan < LoanBase
  id: uuid
  status: `LoanStatus` = open
  note?: string or null
  branch: `Branch` or null
  tags: list of string
  counts: map to integer
  kind: one of `book`, `film` = book
  when: datetime
  email: email
  rating: number = -1.5
record Keys
  name?: string
record Point
  x: number
  y: number = 0.0",
    );
}

const MAPPED: &str = r#"
class Loan(Base):
    __tablename__ = "loans"

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)
    title = Column(String(80), nullable=False, unique=True, comment="shown in lists")
    reader_id = Column(Integer, ForeignKey("readers.id", ondelete="CASCADE"), nullable=False)
    status = Column(Enum("open", "closed", name="loan_status"), server_default="open")
    price = Column(Numeric(10, 2), nullable=True)  # in euros
    tags = Column(ARRAY(String), default=list)
    extra = Column(JSONB)
    created_at = Column(DateTime(timezone=True), server_default=func.now())
    level: Mapped[Level] = mapped_column(default=Level.BASIC)
    note: Mapped[Optional[str]] = mapped_column(String(200))
    reader = relationship("Reader", back_populates="loans")

    __table_args__ = (
        UniqueConstraint("title", "reader_id", name="once"),
        CheckConstraint("price > 0"),
    )

    @property
    def late(self) -> bool:
        return True
"#;

#[test]
fn mapped_classes() {
    check(
        read,
        MAPPED,
        "
stored Loan
  id: uuid [key]
  title: string(80) [not null, unique] // shown in lists
  reader_id: integer [not null, -> readers.id cascade]
  status: one of `open`, `closed` = open
  price: decimal(10,2) [null] // in euros
  tags: list of string
  extra: json
  created_at: datetime
  level: `Level` [not null]
  note: string(200) or null [null]
  unique (title, reader_id)
  check price > 0",
    );
}

const DJANGO: &str = r#"
class Loan(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    LEVELS = [("b", "Basic"), ("g", "Gold")]

    title = models.CharField(max_length=80, unique=True, help_text="shown in lists")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    level = models.CharField(choices=LEVELS, max_length=1)
    days = models.PositiveIntegerField(default=14, validators=[MaxValueValidator(30)])
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    reader = models.ForeignKey("people.Reader", on_delete=models.CASCADE, related_name="loans")
    books = models.ManyToManyField(Book)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.title
"#;

#[test]
fn django() {
    check(
        read,
        DJANGO,
        "
stored Loan
  title: string(80) [not null, unique] // shown in lists
  status: one of `open`, `closed` = open [not null]
  level: one of `b`, `g` [not null]
  days: integer = 14 [not null, range =0.., range ..=30]
  price?: decimal(10,2) or null [null]
  reader: `Reader` [not null, -> Reader cascade]
  created_at: datetime [not null, generated]
alias Status = one of `open`, `closed`",
    );
}

#[test]
fn fragments() {
    check(read, "class A(BaseModel):\n    x: int\n    ...\n    y: list[", "record A\n  x: integer\n  y: list of json");
    check(read, "class A(BaseModel): pass\n\nx = 3", "");
}

#[test]
fn damage_is_tolerated() {
    mutate(PYDANTIC, 400, read);
    mutate(MAPPED, 300, read);
    mutate(DJANGO, 300, read);
}
