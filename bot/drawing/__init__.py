"""Pictures and documents: from plain JSON to PNG, PDF, XLSX and iCalendar bytes. Knows nothing of cases or chats."""
